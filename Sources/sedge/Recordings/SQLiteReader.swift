import SedgeCore
import Store

/// Reads a recording from a table of an SQLite database, in the order in which the table gives its rows.
struct SQLiteReader {
    let path: String
    /// Its name; nil: the only one there is.
    let table: String?

    func read(_ selection: ColumnSelection) throws(RecordingError) -> Recording {
        let name = try chosen(of: reading { () throws(StoreError) in try ForeignTable.names(in: path) })
        let found = try reading { () throws(StoreError) in try ForeignTable(path: path, table: name) }
        let columns = found.cells.map(Self.column)
        return try RecordingTable(
            path: "\(path), table \(name)", names: found.columns, columns: columns,
            rowCount: found.cells.first?.count ?? 0
        ).recording(selection)
    }

    private func chosen(of tables: [String]) throws(RecordingError) -> String {
        let list = tables.isEmpty ? "none" : tables.joined(separator: ", ")
        if let table {
            guard tables.contains(table) else {
                throw RecordingError(
                    path: path, message: "found no table \(RecordingError.quoted(table)), there are \(list)")
            }
            return table
        }
        guard tables.count == 1 else {
            throw RecordingError(path: path, message: "found the tables \(list), expected one or --table")
        }
        return tables[0]
    }

    private func reading<Result>(_ body: () throws(StoreError) -> Result) throws(RecordingError) -> Result {
        do throws(StoreError) {
            return try body()
        } catch {
            throw RecordingError(path: path, message: "is no database that can be read: \(error.message)")
        }
    }

    /// Texts where any cell is one; numbers then stand as text.
    private static func column(_ cells: [ForeignTable.Cell]) -> RecordingTable.Column {
        let isText = cells.contains { if case .text = $0 { true } else { false } }
        guard isText else {
            return .numbers(cells.map { if case .number(let value) = $0 { value } else { .nan } })
        }
        return .texts(
            cells.map { cell in
                switch cell {
                case .missing: ""
                case .number(let value): value.description
                case .text(let text): text
                }
            })
    }
}
