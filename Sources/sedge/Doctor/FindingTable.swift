/// Findings as text, a line each: `fail  broker         127.0.0.1:1883: … → what to do`, and a line that sums them up.
struct FindingTable {
    let findings: [Finding]
    let isColoured: Bool

    private static let checkWidth = Finding.Check.allCases.map(\.rawValue.count).max() ?? 0

    var text: String {
        (findings.map(line) + [summary]).joined(separator: "\n") + "\n"
    }

    private func line(_ finding: Finding) -> String {
        let level = painted(finding.level.rawValue, finding.level)
        let gap = String(repeating: " ", count: 6 - finding.level.rawValue.count)
        let check = finding.check.rawValue
        let padding = String(repeating: " ", count: Self.checkWidth + 2 - check.count)
        // Many sentences name their subject themselves.
        let subject = finding.subject.flatMap { finding.found.contains($0) ? nil : "\(Self.shown($0)): " } ?? ""
        let advice = finding.advice.map { " → \($0)" } ?? ""
        return level + gap + check + padding + subject + Self.shown(finding.found) + advice
    }

    private var summary: String {
        let count = { (level: Finding.Level) in findings.count { $0.level == level } }
        let worst: Finding.Level = count(.fail) > 0 ? .fail : count(.warn) > 0 ? .warn : .ok
        let text = "\(count(.ok)) ok, \(count(.warn)) to look at, \(count(.fail)) failed"
        return painted(text, worst)
    }

    private func painted(_ text: String, _ level: Finding.Level) -> String {
        guard isColoured else { return text }
        let colour: Terminal.Colour =
            switch level {
            case .ok: .green
            case .warn: .yellow
            case .fail: .red
            }
        return "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m"
    }

    /// Topics and payloads come from anyone: what would move the cursor or break the line is shown as `·`.
    private static func shown(_ text: String) -> String {
        String(
            text.map {
                $0.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) } ? $0 : "·"
            })
    }
}
