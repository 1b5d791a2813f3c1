import SedgeCore

/// A table of somebody else's SQLite database, read whole; nothing is written to the database.
package struct ForeignTable: Sendable, Equatable {
    package let columns: [String]
    /// `cells[column][row]`, in the order in which the table gives its rows.
    package let cells: [[Cell]]

    package enum Cell: Sendable, Equatable {
        /// NULL, or bytes.
        case missing
        case number(Double)
        case text(String)
    }

    /// Names of the tables in a database, SQLite's own left out.
    package static func names(in path: String) throws(StoreError) -> [String] {
        let connection = try open(path)
        let statement = try connection.prepare(
            "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY name")
        var names: [String] = []
        while try statement.step() { names.append(statement.text(0)) }
        return names
    }

    package init(path: String, table: String) throws(StoreError) {
        let connection = try Self.open(path)
        // In an identifier only the quote itself needs care.
        let name = table.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
        let statement = try connection.prepare("SELECT * FROM \"\(name)\"")
        columns = (0..<statement.columnCount).map { statement.name($0) }
        var cells = [[Cell]](repeating: [], count: columns.count)
        while try statement.step() {
            for column in columns.indices { cells[column].append(statement.cell(Int32(column))) }
        }
        self.cells = cells
    }

    private static func open(_ path: String) throws(StoreError) -> SQLiteConnection {
        // A writer at work has a log beside the database; without one the file alone is enough.
        let mode: SQLiteConnection.Mode = try FileSystem.size("\(path)-wal") > 0 ? .readOnly : .immutable
        return try SQLiteConnection(path: path, mode: mode)
    }
}
