import FoundationEssentials
import SedgeCore
import Testing

@testable import Evaluation

@Suite struct ReportTests {
    private static var report: EvaluationReport {
        var table = ResultTable(title: "T, \"x\"", columns: [.init("F1"), .init("a|b", decimals: 0)])
        table.rows = [
            .init("sedge", .agent, [0.5, -2.4]), .init("other |z|", .baseline, [.nan, nil], note: "n<1"),
            .init("paper", .published, [0.25]),
        ]
        table.notes = ["a note"]
        var detail = table
        detail.isDetail = true
        detail.title = "each"
        var report = EvaluationReport(
            set: "set", title: "A & B", facts: [("rows", "12")], tables: [table, detail])
        report.panels = [
            SeriesPanel(
                name: "<s>", columns: [[1, .nan, 3, 4], [0, 0, 0, 0]], trainingRows: 1, truth: [2..<3],
                scores: [0, 1, 2, 3], alarms: [2]),
            SeriesPanel(name: "empty", columns: [[.nan]], trainingRows: 0, truth: [], scores: [], alarms: []),
        ]
        return report
    }

    @Test func markdownHasAlignedTables() {
        let text = MarkdownWriter.text(Self.report)
        let expected = #"""
            # A & B

            - rows: 12

            ## T, "x"

            |             |    F1 | a\|b |     |
            | ----------- | ----: | ---: | --- |
            | **sedge**   | 0.500 |   -2 |     |
            | other \|z\| |     – |    – | n<1 |
            | paper       | 0.250 |      |     |

            - a note

            """#
        #expect(text == expected)
        #expect(MarkdownWriter.text(Self.report, allTables: true).contains("## each"))
    }

    @Test func csvHasALineAFigure() {
        let lines = CSVWriter.text(Self.report).split(separator: "\n")
        #expect(lines[0] == "set,table,method,kind,figure,value,note")
        #expect(lines[1] == "set,\"T, \"\"x\"\"\",sedge,agent,F1,0.5,")
        #expect(lines[3] == "set,\"T, \"\"x\"\"\",other |z|,baseline,F1,,n<1")
        #expect(lines.count == 1 + 2 * 5)
    }

    @Test func jsonHoldsTheSame() throws {
        struct Shape: Decodable {
            struct Table: Decodable {
                struct Row: Decodable {
                    let method, kind: String
                    let values: [Double?]
                }
                let columns: [String]
                let rows: [Row]
            }
            let set: String
            let facts: [String: String]
            let tables: [Table]
        }
        let shape = try PayloadJSON.decode(Shape.self, from: PayloadJSON.encode(Self.report))
        #expect(shape.set == "set" && shape.facts == ["rows": "12"] && shape.tables.count == 2)
        #expect(shape.tables[0].rows[1].values == [nil, nil] && shape.tables[0].rows[0].method == "sedge")
    }

    @Test func svgIsWellFormed() {
        let text = SVGWriter.text(Self.report)
        #expect(text.contains("A &amp; B") && text.contains("&lt;s&gt;") && !text.contains("nan"))
        // Every element is closed, in order.
        var open: [Substring] = []
        for part in text.split(separator: "<").dropFirst(text.hasPrefix("<") ? 0 : 1) {
            let name = part.prefix { $0.isLetter || $0 == "/" }
            if name.hasPrefix("/") {
                #expect(open.popLast() == name.dropFirst())
            } else if !part.prefix(while: { $0 != ">" }).hasSuffix("/") {
                open.append(name)
            }
        }
        #expect(open.isEmpty)
    }

    @Test(arguments: [
        (0.0005, 3, "0.001"), (-0.0004, 3, "0.000"), (12.5, 0, "13"), (-1.25, 1, "-1.3"), (.nan, 2, "nan"),
    ])
    func numbersHaveFixedDecimals(value: Double, decimals: Int, text: String) {
        #expect(FixedText.text(value, decimals: decimals) == text)
    }
}
