/// Reads what `SnapshotWriter` wrote, in the same order. Every read is checked: a snapshot comes from a disk.
package struct SnapshotReader {
    private let bytes: [UInt8]
    private var position = 0
    private let end: Int

    /// Checks the checksum and that the format is the one expected.
    package init(_ bytes: [UInt8], format: UInt32) throws(SnapshotError) {
        guard bytes.count >= 8 else { throw .truncated(expected: 8, found: bytes.count) }
        self.bytes = bytes
        end = bytes.count - 4
        position = end
        let stored = Self.load(UInt32.self, bytes, end)
        guard CRC32.checksum(bytes[..<end]) == stored else { throw .corrupt }
        position = 0
        let found = try read(UInt32.self)
        guard found == format else { throw .format(expected: format, found: found) }
    }

    package mutating func read<Value: FixedWidthInteger>(_ type: Value.Type) throws(SnapshotError) -> Value {
        let size = MemoryLayout<Value>.size
        guard end - position >= size else { throw .truncated(expected: position + size, found: end) }
        defer { position += size }
        return Self.load(type, bytes, position)
    }

    package mutating func readFloat() throws(SnapshotError) -> Float { Float(bitPattern: try read(UInt32.self)) }
    package mutating func readDouble() throws(SnapshotError) -> Double { Double(bitPattern: try read(UInt64.self)) }
    package mutating func readBool() throws(SnapshotError) -> Bool { try read(UInt8.self) != 0 }

    package mutating func readString() throws(SnapshotError) -> String {
        String(decoding: try readArray(UInt8.self), as: UTF8.self)
    }

    package mutating func readArray<Value: FixedWidthInteger>(
        _ type: Value.Type, count: Int? = nil
    ) throws(SnapshotError) -> [Value] {
        let found = Int(try read(UInt32.self))
        if let count, found != count { throw .length(expected: count, found: found) }
        let size = MemoryLayout<Value>.size
        guard found <= (end - position) / size else {
            throw .truncated(expected: position + found * size, found: end)
        }
        defer { position += found * size }
        // In one piece: the state of an encoder is megabytes, and other modules call this unspecialised.
        var values = [Value](repeating: 0, count: found)
        let source = position..<position + found * size
        values.withUnsafeMutableBytes { values in
            bytes.withUnsafeBytes { values.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[source])) }
        }
        return Value(1).littleEndian == 1 ? values : values.map { Value(littleEndian: $0) }
    }

    package mutating func readFloats(count: Int? = nil) throws(SnapshotError) -> [Float] {
        try readArray(UInt32.self, count: count).map(Float.init(bitPattern:))
    }

    package mutating func readDoubles(count: Int? = nil) throws(SnapshotError) -> [Double] {
        try readArray(UInt64.self, count: count).map(Double.init(bitPattern:))
    }

    /// Nothing may be left over.
    package func finish() throws(SnapshotError) {
        guard position == end else { throw .length(expected: position, found: end) }
    }

    private static func load<Value: FixedWidthInteger>(_: Value.Type, _ bytes: [UInt8], _ offset: Int) -> Value {
        bytes.withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Value.self)) }
    }
}

/// A snapshot that can not be used.
package enum SnapshotError: Error, CustomStringConvertible, Equatable {
    case truncated(expected: Int, found: Int)
    case corrupt
    case format(expected: UInt32, found: UInt32)
    case length(expected: Int, found: Int)
    /// A value that its learner can never have.
    case impossible(String)

    package var description: String {
        switch self {
        case .truncated(let expected, let found): "snapshot is truncated: expected \(expected) bytes, found \(found)"
        case .corrupt: "snapshot is corrupt: its checksum does not match"
        case .format(let expected, let found): "snapshot has format \(found), expected \(expected)"
        case .length(let expected, let found): "snapshot holds \(found) items, expected \(expected)"
        case .impossible(let what): "snapshot is impossible: \(what)"
        }
    }
}
