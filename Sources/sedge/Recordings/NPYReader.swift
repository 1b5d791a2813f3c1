/// Reads a recording from NumPy's NPY format: rows of numbers, (rows) or (rows, columns), without names or times.
///
/// The columns are called `c0`, `c1`…; a single one is called `value`.
struct NPYReader {
    static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

    private let bytes: [UInt8]
    private let path: String

    init(_ bytes: [UInt8], path: String) {
        self.bytes = bytes
        self.path = path
    }

    func read(_ selection: ColumnSelection) throws(RecordingError) -> Recording {
        let (header, start) = try readHeader()
        guard header.shape.count == 1 || header.shape.count == 2 else {
            throw error("found shape \(header.shape), expected (rows) or (rows, columns)")
        }
        let rows = header.shape[0]
        let width = header.shape.count == 2 ? header.shape[1] : 1
        return try select(selection, names: width == 1 ? ["value"] : (0..<width).map { "c\($0)" }, rows: rows) {
            column in
            let (first, stride) = header.isFortranOrder ? (column * rows, 1) : (column, width)
            return bytes.withUnsafeBytes { buffer in
                (0..<rows).map { row in
                    header.type.value(in: buffer, at: start + (first + row * stride) * header.type.size)
                }
            }
        }
    }

    /// An array of any number of dimensions, in the order of C: the last index runs fastest.
    func readArray() throws(RecordingError) -> (shape: [Int], values: [Double]) {
        let (header, start) = try readHeader()
        guard !header.isFortranOrder || header.shape.count < 2 else {
            throw error("found an array in Fortran's order, expected C's")
        }
        let count = header.shape.reduce(1, *)
        return (
            header.shape,
            bytes.withUnsafeBytes { buffer in
                (0..<count).map { header.type.value(in: buffer, at: start + $0 * header.type.size) }
            }
        )
    }

    /// The header, checked against the size of the file, and where the data begins.
    private func readHeader() throws(RecordingError) -> (NPYHeader, Int) {
        guard bytes.count >= 10 else { throw error("file is truncated: found \(bytes.count) bytes of a header") }
        let version = bytes[6]
        guard (1...3).contains(version) else {
            throw error("found version \(version) of the NPY format, expected 1 to 3")
        }
        let sizeBytes = version == 1 ? 2 : 4
        guard bytes.count >= 8 + sizeBytes else { throw error("file is truncated in its header") }
        let size = bytes[8..<8 + sizeBytes].reversed().reduce(0) { $0 << 8 | Int($1) }
        let start = 8 + sizeBytes + size
        guard start <= bytes.count else {
            throw error("file is truncated: its header has \(size) bytes, found \(bytes.count - 8 - sizeBytes)")
        }
        let header: NPYHeader
        do {
            header = try NPYHeader(parsing: String(decoding: bytes[8 + sizeBytes..<start], as: UTF8.self))
        } catch {
            throw self.error(error.message)
        }
        try checkSize(header, of: bytes.count - start)
        return (header, start)
    }

    private func checkSize(_ header: NPYHeader, of found: Int) throws(RecordingError) {
        var size = header.type.size
        for length in header.shape {
            let (product, overflow) = size.multipliedReportingOverflow(by: length)
            size = overflow ? .max : product
        }
        guard size <= found else {
            throw error(
                "file is truncated: shape \(header.shape) of \(header.type.rawValue) needs more than the \(found) "
                    + "bytes found")
        }
        guard size == found else {
            throw error("found \(found) bytes of data, expected \(size) for shape \(header.shape)")
        }
        guard size > 0 else { throw error("found shape \(header.shape), expected at least one value") }
    }

    private func select(
        _ selection: ColumnSelection, names: [String], rows: Int, column: (Int) -> [Double]
    ) throws(RecordingError) -> Recording {
        var recording = Recording(channels: [], columns: [], rowCount: rows)
        var taken: Set<Int> = []
        if let name = selection.time {
            let time = try index(of: name, in: names)
            taken.insert(time)
            recording.times = []
            for (row, value) in column(time).enumerated() {
                guard let timestamp = CivilTime.unix(value) else {
                    throw error("found \(value) in row \(row), expected unix time", column: name)
                }
                recording.times?.append(timestamp)
            }
        }
        for name in selection.labels ?? [] {
            let label = try index(of: name, in: names)
            taken.insert(label)
            recording.labels.append(name)
            recording.labelColumns.append(
                column(label).map { value in Int64(exactly: value).map(String.init) ?? String(value) })
        }
        let mappings =
            selection.channels.isEmpty
            ? names.indices.filter { !taken.contains($0) }.map { ColumnMapping(column: names[$0], channel: names[$0]) }
            : selection.channels
        guard !mappings.isEmpty else { throw error("found no column left to publish") }
        for mapping in mappings {
            recording.columns.append(column(try index(of: mapping.column, in: names)))
            recording.channels.append(mapping.channel)
        }
        return recording
    }

    private func index(of name: String, in names: [String]) throws(RecordingError) -> Int {
        if let index = names.firstIndex(of: name) { return index }
        throw error(
            "found no column \(RecordingError.quoted(name)), there are "
                + (names.count == 1 ? names[0] : "\(names[0]) to \(names[names.count - 1])"))
    }

    private func error(_ message: String, column: String? = nil) -> RecordingError {
        RecordingError(path: path, line: nil, column: column, message: message)
    }
}
