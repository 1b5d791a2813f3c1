import Agent
import SedgeCore

/// What `sedge inspect` prints for people: a block a stream.
enum InspectReport {
    static func text(_ rows: [LearnedStream]) -> String {
        rows.isEmpty ? "nothing was learned yet\n" : rows.map(text).joined(separator: "\n")
    }

    private static func text(_ row: LearnedStream) -> String {
        var lines = ["\(row.stream)" + (row.topic.map { "  (\($0))" } ?? "")]
        func add(_ name: String, _ text: String?) {
            if let text { lines.append("  " + name + String(repeating: " ", count: max(1, 10 - name.count)) + text) }
        }
        if let first = row.firstSeen, let last = row.lastSeen {
            add("seen", "\(first.iso8601) to \(last.iso8601)")
        }
        add("model", row.model)
        add("shape", row.shape)
        add(
            "learned",
            row.learnedSteps.map { learned in
                "\(learned) of \(row.steps ?? 0) steps of \((row.stepSeconds ?? 0).shown) s"
                    + (row.phase.map { ", \($0.rawValue)" } ?? "")
            } ?? "nothing")
        add("state", row.states.map { "\(row.state ?? "none yet"), \($0) known" })
        if !row.stateNames.isEmpty {
            add(
                "names",
                row.stateNames.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }.joined(separator: ", "))
        }
        add("forecast", row.forecastSteps.map { "\($0) steps learned" })
        add("memory", row.rememberedSteps.map { "\($0) steps" })
        if row.replay > 0 { add("replay", "\(row.replay) segments") }
        add("retrained", row.adapted.map(text))
        var told: [String] = []
        if row.normal > 0 { told.append("\(row.normal) normal") }
        if row.anomaly > 0 { told.append("\(row.anomaly) anomaly") }
        told += row.labels.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }
        if row.revoked > 0 { told.append("\(row.revoked) revoked") }
        if !told.isEmpty {
            add("feedback", told.joined(separator: ", ") + (row.lastFeedback.map { "; last \($0.iso8601)" } ?? ""))
        }
        add(
            "alarms",
            "\(row.alarms) kept" + (row.isAlarming == true ? ", one goes on" : "")
                + (row.isDrifting == true ? ", drifting" : ""))
        if row.adaptations > 0 { add("decisions", "\(row.adaptations) of retraining kept") }
        for part in row.parts {
            add(
                part.name,
                "\(part.bytes) bytes, \(part.savedAt.iso8601)" + (part.problem.map { ", of no use: \($0)" } ?? ""))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func text(_ adapted: LearnedStream.Adapted) -> String {
        var text = adapted.isInUse ? "in use" : "on probation"
        if let time = adapted.acceptedAt { text += " since \(time.iso8601)" }
        text += ", \(adapted.learnedSteps) of \(adapted.steps) steps learned"
        guard let figures = adapted.figures else { return text }
        func whole(_ name: String) -> Int { Int((figures[name] ?? 0).rounded()) }
        func short(_ name: String) -> String { (figures[name] ?? 0).shown }
        text += "; from \(whole("segments")) segments, \(whole("labelled")) with a label, in \(whole("steps")) steps: "
        return text
            + "loss \(short("loss_before")) to \(short("loss_after")), \(short("change")) from the bundle's weights"
    }
}
