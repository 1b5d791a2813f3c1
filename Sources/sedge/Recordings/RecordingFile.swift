import SedgeCore
import Store

/// Reads a recording in whichever format it is: CSV, NPY, JSON lines or SQLite.
enum RecordingFile {
    /// - Parameter table: of an SQLite database with several.
    ///
    /// Throws a `Failure` where the file can not be read, a `RecordingError` where it is no recording.
    static func read(_ path: String, selection: ColumnSelection, table: String? = nil) throws -> Recording {
        let bytes = try FileBytes.contents(of: path)
        if bytes.starts(with: NPYReader.magic) {
            return try NPYReader(bytes, path: path).read(selection)
        }
        if bytes.starts(with: Array("SQLite format 3\0".utf8)) {
            return try SQLiteReader(path: path, table: table).read(selection)
        }
        if bytes.first(where: { $0 > UInt8(ascii: " ") }) == UInt8(ascii: "{") {
            return try JSONLinesReader(bytes, path: path).read(selection)
        }
        return try CSVReader(bytes, path: path).read(selection)
    }
}
