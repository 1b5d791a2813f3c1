import SedgeCore

/// Draws the board: in place on a terminal, as lines elsewhere.
struct DemoView {
    private var drawnLines = 0

    private static let blocks = Array("▁▂▃▄▅▆▇█")

    /// Redraws the board over its last picture.
    mutating func draw(_ board: DemoBoard, elapsed: Double, total: Double, faultAt: Double) {
        let lines = picture(of: board, elapsed: elapsed, total: total, faultAt: faultAt)
        let up = drawnLines > 0 ? "\u{1B}[\(drawnLines)A" : ""
        Terminal.writeError(up + lines.map { "\u{1B}[2K\($0)\n" }.joined() + "\u{1B}[J")
        drawnLines = lines.count
    }

    private func picture(of board: DemoBoard, elapsed: Double, total: Double, faultAt: Double) -> [String] {
        let width = max(20, min(Terminal.width - 30, 50))
        let filled = Int(Double(width) * min(1, elapsed / total))
        let mark = min(width - 1, Int(Double(width) * faultAt / total))
        let bar = (0..<width).map { $0 == mark ? "┃" : $0 < filled ? "█" : "░" }.joined()
        var lines = [
            Terminal.coloured("sedge demo", .bold) + "  \(bar)  \(Int(elapsed)) of \(Int(total)) s",
            Terminal.coloured("             the bearing begins to wear at ┃", .dim),
            Terminal.coloured(pad("stream", 12) + pad("phase", 10) + pad("score", 7) + pad("", 26) + "state", .dim),
        ]
        for (name, stream) in board.streams.sorted(by: { $0.key < $1.key }) {
            let score = stream.score.map { fixed($0, 2) } ?? "-"
            let row =
                pad(name, 12) + pad(stream.phase, 10) + pad(score, 7) + pad(sparkline(stream.recent), 26)
                + pad(stream.state, 10) + (stream.isAnomalous ? "ANOMALY" : "")
            lines.append(stream.isAnomalous ? Terminal.coloured(row, .red) : row)
        }
        lines.append("")
        lines += board.events.suffix(6).map { "  " + Self.line(for: $0) }
        if let health = board.health {
            let text =
                "\(fixed(health.messagesPerSecond, 0)) msg/s   \(health.rssBytes >> 20) MiB   "
                + "\(fixed(health.cpuPercent, 1)) % CPU   kernel \(health.kernel)"
            lines.append(Terminal.coloured(text, .dim))
        }
        return lines
    }

    /// All streams on one line, for where there is no terminal.
    static func summary(of board: DemoBoard) -> String {
        board.streams.sorted { $0.key < $1.key }.map { name, stream in
            let score = stream.score.map { fixed($0, 2) } ?? "-"
            return "\(name) \(stream.phase) \(score) \(stream.state)" + (stream.isAnomalous ? " ANOMALY" : "")
        }.joined(separator: "  |  ")
    }

    static func line(for event: DemoBoard.Event) -> String {
        var text = "\(event.kind) \(event.phase)  \(event.stream)"
        if let severity = event.severity { text += "  severity \(fixed(severity, 2))" }
        if let channel = event.topChannel { text += "  mostly \(channel)" }
        if let detail = event.detail { text += "  \(detail)" }
        return event.kind == "anomaly" ? Terminal.coloured(text, event.phase == "end" ? .green : .red) : text
    }

    /// Scores up to 6 fill the height: p = 10⁻⁶.
    private func sparkline(_ scores: [Double]) -> String {
        String(scores.map { Self.blocks[Int(max(0, min(7, $0 / 6 * 8)))] })
    }
}

/// `text` in so many columns.
private func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
}

/// A number with so many decimals, up to three; as it is where it is too large for that.
func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.magnitude < 1e15 else { return "\(value)" }
    let scale = (0..<decimals).reduce(1.0) { product, _ in product * 10 }
    let scaled = Int64((value.magnitude * scale).rounded())
    let fraction = String(scaled % Int64(scale))
    let sign = value < 0 && scaled != 0 ? "-" : ""
    return "\(sign)\(scaled / Int64(scale))"
        + (decimals > 0 ? "." + String(repeating: "0", count: decimals - fraction.count) + fraction : "")
}
