/// CRC-32 as in ISO 3309 and zlib: tells corruption, not tampering.
package enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in
            value & 1 == 1 ? (value >> 1) ^ 0xEDB8_8320 : value >> 1
        }
    }

    package static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        // Other modules call this unspecialised: element by element that is a hundred times slower.
        bytes.withContiguousStorageIfAvailable { checksum($0) } ?? checksum(Array(bytes))
    }

    private static func checksum(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
        table.withUnsafeBufferPointer { table in
            var value = ~UInt32(0)
            for byte in bytes { value = table[Int(UInt8(truncatingIfNeeded: value) ^ byte)] ^ (value >> 8) }
            return ~value
        }
    }
}
