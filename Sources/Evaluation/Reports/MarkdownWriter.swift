/// A report as Markdown whose tables can also be read as they stand.
package enum MarkdownWriter {
    package static func text(_ report: EvaluationReport, allTables: Bool = false) -> String {
        var text = "# \(report.title)\n\n"
        for fact in report.facts { text += "- \(fact.name): \(fact.value)\n" }
        for table in allTables ? report.tables : report.tables.filter({ !$0.isDetail }) {
            text += "\n" + self.text(table)
        }
        return text
    }

    static func text(_ table: ResultTable) -> String {
        let hasNotes = table.rows.contains { !$0.note.isEmpty }
        var cells = [[""] + table.columns.map { escaped($0.name) } + (hasNotes ? [""] : [])]
        for row in table.rows {
            let values = table.columns.indices.map { index in
                // A published figure stands in one column and says nothing of the others.
                index < row.values.count ? table.text(of: row.values[index], in: index) : ""
            }
            let name = row.kind == .agent && !table.isDetail ? "**\(row.name)**" : row.name
            cells.append([escaped(name)] + values + (hasNotes ? [row.note] : []))
        }
        let widths = cells[0].indices.map { column in cells.map { $0[column].count }.max()! }
        func line(_ row: [String]) -> String {
            let padded = row.enumerated().map { column, text in
                let space = String(repeating: " ", count: widths[column] - text.count)
                return (1...table.columns.count).contains(column) ? space + text : text + space
            }
            return "| \(padded.joined(separator: " | ")) |\n"
        }
        let rule = widths.enumerated().map { column, width in
            (1...table.columns.count).contains(column)
                ? String(repeating: "-", count: max(1, width - 1)) + ":" : String(repeating: "-", count: max(1, width))
        }
        var text = "## \(table.title)\n\n" + line(cells[0]) + line(rule)
        for row in cells.dropFirst() { text += line(row) }
        if !table.notes.isEmpty { text += "\n" }
        for note in table.notes { text += "- \(note)\n" }
        return text
    }

    private static func escaped(_ text: String) -> String {
        text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }
}
