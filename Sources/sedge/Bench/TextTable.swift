/// Columns as wide as they need to be, two blanks apart.
struct TextTable {
    let header: [String]
    /// Columns that stand flush left, from the first on; the others stand flush right.
    let leading: Int
    let rows: [[String]]

    var text: String {
        let lines = [header] + rows
        let widths = header.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { cells in
            let padded = cells.indices.map { column in
                let gap = String(repeating: " ", count: widths[column] - cells[column].count)
                return column < leading ? cells[column] + gap : gap + cells[column]
            }
            return padded.joined(separator: "  ").trimmingTrailingBlanks + "\n"
        }.joined()
    }
}

extension String {
    fileprivate var trimmingTrailingBlanks: Substring {
        self[..<(lastIndex { $0 != " " }.map(index(after:)) ?? startIndex)]
    }
}
