import SedgeCore
import Testing

@Suite struct SnapshotTests {
    private func sample() -> [UInt8] {
        var writer = SnapshotWriter(format: 7)
        writer.write(UInt16(513))
        writer.write(-1.5)
        writer.write(Float.pi)
        writer.write("grün")
        writer.write([Int64.min, 3])
        writer.write([0.25, -.infinity])
        return writer.finish()
    }

    @Test func readsBackWhatWasWritten() throws {
        var reader = try SnapshotReader(sample(), format: 7)
        #expect(try reader.read(UInt16.self) == 513)
        #expect(try reader.readDouble() == -1.5)
        #expect(try reader.readFloat() == .pi)
        #expect(try reader.readString() == "grün")
        #expect(try reader.readArray(Int64.self) == [.min, 3])
        #expect(try reader.readDoubles(count: 2) == [0.25, -.infinity])
        try reader.finish()
    }

    @Test func refusesAnotherFormat() {
        #expect(throws: SnapshotError.format(expected: 8, found: 7)) { try SnapshotReader(sample(), format: 8) }
    }

    @Test func refusesEveryFlippedBitAndEveryTruncation() {
        let bytes = sample()
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: SnapshotError.self) { try SnapshotReader(damaged, format: 7) }
        }
        for length in 0..<bytes.count {
            #expect(throws: SnapshotError.self) { try SnapshotReader(Array(bytes[..<length]), format: 7) }
        }
    }

    @Test func checksumIsThatOfZlib() {
        #expect(CRC32.checksum(Array("123456789".utf8)) == 0xCBF4_3926)
    }
}
