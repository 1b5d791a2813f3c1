import Preprocessing
import SedgeCore
import Testing

struct SnapshotTests {
    /// Rows with jitter, missing cells, stragglers and gaps.
    private static func rows(seed: UInt64, count: Int) -> [(time: Timestamp?, arrival: Timestamp, values: [Double])] {
        var random = SeededRandom(seed: seed)
        var now = 0.0
        return (0..<count).map { index in
            now += index % 97 == 96 ? 30 : 0.1 * random.uniform() * 2
            let time = random.uniform() < 0.02 ? nil : at(now - random.uniform() * 0.3)
            return (time, at(now), (0..<3).map { _ in random.uniform() < 0.1 ? .nan : random.normal() })
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>, [nil, 10, 7.3] as [Double?])
    func goesOnBitForBit(seed: UInt64, rateHz: Double?) throws {
        let settings = StreamPreprocessor.Settings(channels: 3, rateHz: rateHz, hop: 3, patch: 8)
        var stream = StreamPreprocessor(settings)
        let rows = Self.rows(seed: seed, count: 400)
        let cut = Int(seed) * 17 + 1
        for row in rows[..<cut] { stream.append(time: row.time, arrival: row.arrival, values: row.values.span) }
        // Some steps are fetched before the snapshot, some are not.
        if seed % 2 == 0 { _ = stream.popAll() }
        var restored = try StreamPreprocessor(settings, restoring: stream.snapshot())
        #expect(restored.snapshot() == stream.snapshot())
        for row in rows[cut...] {
            stream.append(time: row.time, arrival: row.arrival, values: row.values.span)
            restored.append(time: row.time, arrival: row.arrival, values: row.values.span)
            #expect(restored.popAll() == stream.popAll())
        }
        #expect(restored.counters == stream.counters)
        #expect(restored.snapshot() == stream.snapshot())
    }

    @Test func refusesAnotherNumberOfChannels() {
        let bytes = StreamPreprocessor(.init(channels: 3, hop: 1, patch: 8)).snapshot()
        #expect(throws: SnapshotError.impossible("stream has 3 channels, expected 4")) {
            _ = try StreamPreprocessor(.init(channels: 4, hop: 1, patch: 8), restoring: bytes)
        }
    }

    @Test func anotherHopKeepsTheStatistics() throws {
        var stream = StreamPreprocessor(.init(channels: 1, rateHz: 10, hop: 4, patch: 8))
        for index in 0..<100 { stream.feed(Double(index) * 0.1, [Double(index % 7)]) }
        var restored = try StreamPreprocessor(
            .init(channels: 1, rateHz: 5, hop: 8, patch: 16), restoring: stream.snapshot())
        #expect(restored.normalizer(of: 0).level == stream.normalizer(of: 0).level)
        #expect(restored.normalizer(of: 0).scale == stream.normalizer(of: 0).scale)
        #expect(restored.popAll().isEmpty)
        for index in 0..<100 { restored.feed(100 + Double(index) * 0.2, [1]) }
        #expect(restored.popAll().count == 11)
    }

    @Test func refusesEveryTruncationAndBitFlip() {
        let settings = StreamPreprocessor.Settings(channels: 2, rateHz: 10, hop: 2, patch: 4)
        var stream = StreamPreprocessor(settings)
        for index in 0..<30 { stream.feed(Double(index) * 0.1, [1, 2]) }
        let bytes = stream.snapshot()
        for length in stride(from: 0, to: bytes.count, by: 7) {
            #expect(throws: SnapshotError.self) {
                _ = try StreamPreprocessor(settings, restoring: Array(bytes[..<length]))
            }
        }
        for position in stride(from: 0, to: bytes.count, by: 11) {
            var flipped = bytes
            flipped[position] ^= 0x40
            #expect(throws: SnapshotError.self) { _ = try StreamPreprocessor(settings, restoring: flipped) }
        }
    }

    /// Damage under a valid checksum, as a program of another version might write it: an error or a stream that works.
    @Test(arguments: 0..<2000 as Range<UInt64>)
    func aForgedSnapshotNeverTraps(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let settings = StreamPreprocessor.Settings(
            channels: 2, rateHz: seed % 2 == 0 ? 10 : nil, hop: 2, patch: 4, recentSamples: 8)
        var stream = StreamPreprocessor(settings)
        for index in 0..<30 { stream.feed(Double(index) * 0.1, [1, 2]) }
        var bytes = Array(stream.snapshot().dropLast(4))
        for _ in 0...random.next() % 4 {
            bytes[4 + Int(random.next() % UInt64(bytes.count - 4))] = UInt8(truncatingIfNeeded: random.next())
        }
        let sealed = bytes + withUnsafeBytes(of: CRC32.checksum(bytes).littleEndian) { Array($0) }
        guard var restored = try? StreamPreprocessor(settings, restoring: sealed) else { return }
        for index in 30..<60 { restored.feed(Double(index) * 0.1, [1, 2]) }
        restored.advance(to: at(1000))
        #expect(restored.popAll().allSatisfy { $0.patches.allSatisfy(\.isFinite) })
    }
}
