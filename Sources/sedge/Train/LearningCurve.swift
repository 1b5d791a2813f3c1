import Evaluation

/// The log as a picture: losses of training and of what is held out; below, what the embeddings are like.
struct LearningCurve {
    private let steps: [TrainingLog.Step]
    private let looks: [TrainingLog.Look]

    private static let width = 860.0
    private static let height = 240.0
    private static let left = 64.0

    init(_ log: TrainingLog) { (steps, looks) = (log.steps, log.looks) }

    private struct Line {
        var name: String
        var colour: String
        /// (step, value)
        var points: [(Double, Double)]
    }

    var svg: String {
        let losses = [
            Line(name: "training", colour: "#4878a8", points: steps.map { (Double($0.step), $0.loss) }),
            Line(name: "held out", colour: "#c4512d", points: looks.map { (Double($0.step), $0.held_out_loss) }),
        ]
        func share(_ value: (TrainingLog.Look) -> Double?) -> [(Double, Double)] {
            looks.compactMap { look in value(look).map { (Double(look.step), $0) } }
        }
        let quality = [
            Line(
                name: "effective rank, share of dimensions", colour: "#1b7f4d",
                points: share { $0.effective_rank / Double(max(1, $0.dimensions)) }),
            Line(name: "alignment / 4", colour: "#b8860b", points: share { $0.alignment.map { $0 / 4 } }),
            Line(name: "−uniformity / 4", colour: "#7a5195", points: share { $0.uniformity.map { -$0 / 4 } }),
            Line(name: "probe", colour: "#333333", points: share(\.probe)),
        ]
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 640" width="900" height="640" \
            font-family="sans-serif" font-size="12" fill="#222">
            <rect width="900" height="640" fill="white"/>
            \(panel("pretext loss", losses, top: 30))
            \(panel("embeddings", quality, top: 340))
            </svg>

            """
    }

    private func panel(_ title: String, _ lines: [Line], top: Double) -> String {
        let lines = lines.filter { !$0.points.isEmpty }
        let values = lines.flatMap { $0.points.map(\.1) }.filter(\.isFinite)
        guard let least = values.min(), let greatest = values.max(),
            let last = lines.flatMap({ $0.points.map(\.0) }).max()
        else { return "" }
        let span = max(greatest - least, 1e-9)
        func x(_ step: Double) -> Double { Self.left + (Self.width - Self.left) * step / max(1, last) }
        func y(_ value: Double) -> Double { top + Self.height * (1 - (value - least) / span) }
        var text = "<text x=\"20\" y=\"\(Self.number(top - 10))\" font-size=\"14\">\(title)</text>"
        for share in [0.0, 0.5, 1.0] {
            let value = least + share * span
            text += """
                <line x1="\(Self.number(Self.left))" x2="\(Self.number(Self.width))" y1="\(Self.number(y(value)))" \
                y2="\(Self.number(y(value)))" stroke="#ddd"/><text x="\(Self.number(Self.left - 6))" \
                y="\(Self.number(y(value) + 4))" text-anchor="end">\(FixedText.text(value, decimals: 3))</text>
                """
        }
        text += """
            <text x="\(Self.number(Self.width))" y="\(Self.number(top + Self.height + 16))" \
            text-anchor="end">step \(Int(last))</text>
            """
        for (index, line) in lines.enumerated() {
            let points = line.points.filter(\.1.isFinite).map { "\(Self.number(x($0.0))),\(Self.number(y($0.1)))" }
            text += """
                <polyline fill="none" stroke="\(line.colour)" stroke-width="1.5" points="\(points.joined(separator: " "))"/>\
                <text x="\(Self.number(120 + 190 * Double(index)))" y="\(Self.number(top - 10))" \
                fill="\(line.colour)">\(line.name)</text>
                """
        }
        return text
    }

    private static func number(_ value: Double) -> String { FixedText.text(value, decimals: 1) }
}
