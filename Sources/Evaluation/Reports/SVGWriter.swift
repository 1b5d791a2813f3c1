/// A report as one picture: bars of the summary's first figure, then each series with truth, scores and alarms.
package enum SVGWriter {
    private static let width = 1000
    private static let barHeight = 22
    private static let panelHeight = 160
    /// More would be a file that no viewer opens.
    private static let panelLimit = 80

    package static func text(_ report: EvaluationReport) -> String {
        let bars = self.bars(report)
        let panels = report.panels.prefix(panelLimit)
        let top = 70 + bars.height
        let height = top + panels.count * (panelHeight + 20) + 20
        var text = """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" width="\(width)" \
            height="\(height)" font-family="sans-serif" font-size="12" fill="#222">
            <rect width="\(width)" height="\(height)" fill="white"/>
            <text x="20" y="30" font-size="18">\(escaped(report.title))</text>
            <text x="20" y="50" fill="#666">\(escaped(report.facts.map { "\($0.name): \($0.value)" }.joined(separator: "; ")))</text>
            <g transform="translate(0 70)">\(bars.text)</g>

            """
        for (index, panel) in panels.enumerated() {
            text += "<g transform=\"translate(20 \(top + index * (panelHeight + 20)))\">"
            text += PanelDrawing(panel, width: width - 40, height: panelHeight).text + "</g>\n"
        }
        return text + "</svg>\n"
    }

    static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.append(character)
            }
        }
        return escaped
    }

    /// The first column of the first table.
    private static func bars(_ report: EvaluationReport) -> (text: String, height: Int) {
        guard let table = report.tables.first, let column = table.columns.first else { return ("", 0) }
        let rows = table.rows.compactMap { row in (row.values.first ?? nil).map { (row, $0) } }
        guard !rows.isEmpty else { return ("", 0) }
        let least = min(0, rows.map(\.1).min()!)
        let greatest = max(least + 1e-9, rows.map(\.1).max()!)
        var text = "<text x=\"20\" y=\"12\" fill=\"#666\">\(escaped("\(table.title): \(column.name)"))</text>"
        let (left, room) = (340.0, Double(width) - 440)
        func x(_ value: Double) -> Double { left + room * (value - least) / (greatest - least) }
        for (index, (row, value)) in rows.enumerated() {
            let y = 22 + index * barHeight
            let colour =
                switch row.kind {
                case .agent: "#1b7f4d"
                case .control: "#b8b8b8"
                case .baseline: "#4878a8"
                case .published: "#d9a441"
                }
            let (from, to) = (min(x(0), x(value)), max(x(0), x(value)))
            let name = row.note.isEmpty ? row.name : "\(row.name), \(row.note)"
            text += """
                <text x="\(Int(left) - 8)" y="\(y + 14)" text-anchor="end">\(escaped(shortened(name)))</text>\
                <rect x="\(number(from))" y="\(y + 3)" width="\(number(to - from))" height="15" fill="\(colour)"/>\
                <text x="\(number(to + 6))" y="\(y + 14)">\(table.text(of: value, in: 0))</text>
                """
        }
        return (text, 22 + rows.count * barHeight + 20)
    }

    private static func shortened(_ text: String) -> String {
        text.count > 48 ? text.prefix(47) + "…" : text
    }

    static func number(_ value: Double) -> String { FixedText.text(value, decimals: 1) }
}

/// One series: its channels above, the score below, the truth behind both, alarms as ticks on top.
private struct PanelDrawing {
    private let panel: SeriesPanel
    private let width: Int
    private let height: Int
    private let rows: Int
    /// The name and the ticks stand above.
    private let top = 24

    private static let channelColours = ["#3b6ea5", "#7a5195", "#58508d", "#8d9db6"]
    /// More channels would be a carpet.
    private static let channelLimit = 4

    init(_ panel: SeriesPanel, width: Int, height: Int) {
        self.panel = panel
        self.width = width
        self.height = height
        rows = max(1, panel.columns.first?.count ?? 1)
    }

    var text: String {
        let hasScores = !panel.scores.isEmpty
        let lower = hasScores ? Double(height) * 0.62 : Double(height)
        var text = "<rect y=\"\(top)\" width=\"\(width)\" height=\"\(height - top)\" fill=\"#fafafa\" stroke=\"#ddd\"/>"
        if panel.trainingRows > 0 {
            text += box(0..<panel.trainingRows, fill: "#e9eef5")
        }
        for span in panel.truth { text += box(span, fill: "#f6c6c6") }
        for (index, column) in panel.columns.prefix(Self.channelLimit).enumerated() {
            text += line(column, from: Double(top + 4), to: lower - 4, colour: Self.channelColours[index])
        }
        if hasScores { text += line(panel.scores, from: lower + 4, to: Double(height) - 2, colour: "#c0392b") }
        for alarm in panel.alarms {
            let x = SVGWriter.number(position(alarm))
            text +=
                "<path d=\"M\(x) \(top)V\(height)\" stroke=\"#c0392b\" stroke-width=\"0.8\" stroke-dasharray=\"2 2\"/>"
            text += "<path d=\"M\(x) \(top)l-4 -7h8z\" fill=\"#c0392b\"/>"
        }
        let more =
            panel.columns.count > Self.channelLimit ? " (\(Self.channelLimit) of \(panel.columns.count) channels)" : ""
        return text + "<text y=\"11\">\(SVGWriter.escaped(panel.name + more))</text>"
    }

    private func position(_ row: Int) -> Double { Double(row) / Double(rows) * Double(width) }

    private func box(_ span: Range<Int>, fill: String) -> String {
        let (from, to) = (position(span.lowerBound), position(span.upperBound))
        // Short anomalies have to be seen too.
        let size = max(1.5, to - from)
        return "<rect x=\"\(SVGWriter.number(from))\" y=\"\(top)\" width=\"\(SVGWriter.number(size))\" "
            + "height=\"\(height - top)\" fill=\"\(fill)\"/>"
    }

    /// Least and greatest value of each column of pixels, so that nothing short is lost.
    private func line(_ values: [Double], from top: Double, to bottom: Double, colour: String) -> String {
        let finite = values.lazy.filter(\.isFinite)
        guard let least = finite.min(), let greatest = finite.max() else { return "" }
        let scale = greatest > least ? (bottom - top) / (greatest - least) : 0
        var path = ""
        var isOpen = false
        for pixel in 0..<width {
            let range = (pixel * values.count / width)..<((pixel + 1) * values.count / width)
            let part = values[range.isEmpty ? range.lowerBound..<min(values.count, range.lowerBound + 1) : range]
            let known = part.lazy.filter(\.isFinite)
            guard let low = known.min(), let high = known.max() else {
                isOpen = false
                continue
            }
            let (y, z) = (bottom - (low - least) * scale, bottom - (high - least) * scale)
            path += "\(isOpen ? "L" : "M")\(pixel) \(SVGWriter.number(z))"
            if low < high { path += "V\(SVGWriter.number(y))" }
            isOpen = true
        }
        return "<path d=\"\(path)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"0.9\"/>"
    }
}
