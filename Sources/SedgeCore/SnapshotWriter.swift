/// Writes learned state as bytes: little-endian, in the order of the calls, sealed with a checksum.
///
/// Each snapshot begins with a format number that its reader checks.
package struct SnapshotWriter {
    private var bytes: [UInt8] = []

    package init(format: UInt32) { write(format) }

    package mutating func write<Value: FixedWidthInteger>(_ value: Value) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    package mutating func write(_ value: Float) { write(value.bitPattern) }
    package mutating func write(_ value: Double) { write(value.bitPattern) }
    package mutating func write(_ value: Bool) { write(UInt8(value ? 1 : 0)) }

    package mutating func write(_ text: String) { write(Array(text.utf8)) }

    package mutating func write<Value: FixedWidthInteger>(_ values: [Value]) {
        write(UInt32(values.count))
        let ordered = Value(1).littleEndian == 1 ? values : values.map(\.littleEndian)
        ordered.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }

    package mutating func write(_ values: [Float]) { write(values.map(\.bitPattern)) }
    package mutating func write(_ values: [Double]) { write(values.map(\.bitPattern)) }

    /// The whole snapshot, its CRC-32 last.
    package consuming func finish() -> [UInt8] {
        write(CRC32.checksum(bytes))
        return bytes
    }
}
