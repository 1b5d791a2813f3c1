import SedgeCore
import Testing

@testable import sedge

@Suite struct NPYReaderTests {
    /// A file as `numpy.save` writes it.
    private func file(
        _ type: String, shape: String, fortran: Bool = false, version: UInt8 = 1, data: [UInt8]
    ) -> [UInt8] {
        var header = "{'descr': '\(type)', 'fortran_order': \(fortran ? "True" : "False"), 'shape': \(shape), }"
        let fixed = version == 1 ? 10 : 12
        while (fixed + header.utf8.count + 1) % 64 != 0 { header += " " }
        header += "\n"
        let size = header.utf8.count
        let length = (0..<(version == 1 ? 2 : 4)).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) }
        return NPYReader.magic + [version, 0] + length + Array(header.utf8) + data
    }

    private func bytes(_ values: [Float]) -> [UInt8] {
        values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt32($0))) } }
    }

    private func bytes(_ values: [Double]) -> [UInt8] {
        values.flatMap { value in (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt64($0))) } }
    }

    private func read(_ bytes: [UInt8], _ selection: ColumnSelection = ColumnSelection()) throws -> Recording {
        try NPYReader(bytes, path: "a.npy").read(selection)
    }

    @Test(arguments: [UInt8(1), 2, 3])
    func readsRowsOfFloats(version: UInt8) throws {
        let recording = try read(
            file("<f4", shape: "(2, 3)", version: version, data: bytes([1, 2, 3, 4, 5, 6.5] as [Float])))
        #expect(recording.channels == ["c0", "c1", "c2"])
        #expect(recording.columns == [[1, 4], [2, 5], [3, 6.5]])
        #expect(recording.times == nil && recording.rowCount == 2)
    }

    @Test func readsColumnsFirst() throws {
        let recording = try read(
            file("<f8", shape: "(2, 3)", fortran: true, data: bytes([1, 4, 2, 5, 3, 6.5] as [Double])))
        #expect(recording.columns == [[1, 4], [2, 5], [3, 6.5]])
    }

    @Test func readsASingleColumnOfBytes() throws {
        let recording = try read(file("|u1", shape: "(3,)", data: [0, 7, 255]))
        #expect(recording.channels == ["value"] && recording.columns == [[0, 7, 255]])
    }

    @Test func takesTimesAndLabelsFromColumns() throws {
        let selection = ColumnSelection(
            channels: [ColumnMapping(column: "c1", channel: "x")], time: "c0", labels: ["c2"])
        let recording = try read(
            file("<f8", shape: "(2, 3)", data: bytes([1.7e9, 5, 0, 1_700_000_000.5, 6, 1] as [Double])), selection)
        #expect(recording.channels == ["x"] && recording.columns == [[5, 6]])
        #expect(recording.times?.map(\.milliseconds) == [1_700_000_000_000, 1_700_000_000_500])
        #expect(recording.labelColumns == [["0", "1"]])
    }

    @Test(arguments: [
        ("<i8", "(1,)", 8, "found type '<i8', expected <f4, <f8 or |u1"),
        ("<f4", "(2, 3, 1)", 24, "found shape [2, 3, 1], expected (rows) or (rows, columns)"),
        ("<f4", "()", 4, "found shape [], expected (rows) or (rows, columns)"),
        ("<f4", "(2, 3)", 20, "file is truncated: shape [2, 3] of <f4 needs more than the 20 bytes found"),
        ("<f4", "(2, 3)", 25, "found 25 bytes of data, expected 24 for shape [2, 3]"),
        ("<f4", "(0, 3)", 0, "found shape [0, 3], expected at least one value"),
        (
            "<f8", "(4611686018427387904, 4)", 8,
            "file is truncated: shape [4611686018427387904, 4] of <f8 needs more than the 8 bytes found"
        ),
        ("<f4", "(x,)", 4, "the header is damaged: expected a size in shape"),
    ])
    func saysWhatIsWrong(type: String, shape: String, size: Int, expected: String) {
        #expect(throws: RecordingError(path: "a.npy", line: nil, column: nil, message: expected)) {
            try read(file(type, shape: shape, data: Array(repeating: 0, count: size)))
        }
    }

    @Test func refusesOtherVersions() {
        var bytes = file("|u1", shape: "(1,)", data: [1])
        bytes[6] = 9
        #expect(throws: RecordingError.self) { try read(bytes) }
    }

    @Test(arguments: [UInt64(1), 2])
    func survivesAnyBytes(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let valid = file("<f4", shape: "(4, 2)", data: bytes([Float](repeating: 1.5, count: 8)))
        var readable = 0
        for _ in 0..<4000 {
            var bytes = valid
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = Int.random(in: 6..<max(7, bytes.count), using: &random)
                guard index < bytes.count else { continue }
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes[index] = Array("0123456789(),'{}: ".utf8)[Int.random(in: 0..<18, using: &random)]
                default:
                    if Bool.random(using: &random) { bytes.removeSubrange(index...) } else { bytes.remove(at: index) }
                }
            }
            guard let recording = try? NPYReader(bytes, path: "fuzz").read(ColumnSelection()) else { continue }
            readable += 1
            #expect(recording.columns.allSatisfy { $0.count == recording.rowCount })
        }
        #expect(readable > 100, "changes in the data leave a file readable")
    }
}
