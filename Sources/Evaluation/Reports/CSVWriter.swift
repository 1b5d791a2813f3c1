/// Every figure of a report as a line: `set,table,method,kind,figure,value,note`.
package enum CSVWriter {
    package static func text(_ report: EvaluationReport) -> String {
        var lines = ["set,table,method,kind,figure,value,note"]
        for table in report.tables {
            for row in table.rows {
                for (column, value) in zip(table.columns, row.values) {
                    let fields = [
                        report.set, table.title, row.name, row.kind.rawValue, column.name,
                        value.map { $0.description } ?? "", row.note,
                    ]
                    lines.append(fields.map(quoted).joined(separator: ","))
                }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// RFC 4180.
    private static func quoted(_ field: String) -> String {
        guard field.utf8.contains(where: { [UInt8(ascii: ","), UInt8(ascii: "\""), 10, 13].contains($0) }) else {
            return field
        }
        return "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
