import SedgeCore

/// Reads a recording in whichever format it is.
enum RecordingFile {
    /// Throws a `Failure` where the file can not be read, a `RecordingError` where it is no recording.
    static func read(_ path: String, selection: ColumnSelection) throws -> Recording {
        let bytes = try FileBytes.contents(of: path)
        if bytes.starts(with: NPYReader.magic) {
            return try NPYReader(bytes, path: path).read(selection)
        }
        return try CSVReader(bytes, path: path).read(selection)
    }
}
