import SedgeCore
import Testing

@testable import Adaptation

/// Changes that show in the mean of many steps alone.
@Suite struct SegmentSplitTests {
    private static let dimension = 12

    /// Noise around a centre; nil where nothing was found.
    private struct Source {
        var stream: SyntheticStream
        var split = SegmentSplit(dimension: SegmentSplitTests.dimension)
        var found: [SegmentSplit.Division] = []
        var step = 0

        init(seed: UInt64) { stream = SyntheticStream(seed: seed) }

        mutating func run(_ steps: Int, centre: Float) {
            for _ in 0..<steps {
                var vector = [Float](repeating: 0, count: 16)
                for index in 0..<SegmentSplitTests.dimension { vector[index] = centre + Float(stream.gaussian()) }
                let time = Timestamp(milliseconds: Int64(step) * 1000)
                if let division = split.observe(time: time, vector) { found.append(division) }
                step += 1
            }
        }
    }

    /// A third of the noise of a single step: no step tells it.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func aSmallLastingChangeIsFoundAndDated(seed: UInt64) throws {
        var source = Source(seed: seed)
        source.run(3000, centre: 0)
        #expect(source.found.isEmpty)
        source.run(1500, centre: 0.35)
        let division = try #require(source.found.first)
        #expect(source.found.count == 1)
        #expect(abs(division.since.milliseconds / 1000 - 3000) <= Int64(2 * SegmentSplit.blockSteps))
        let (before, after) = (division.before[..<12], division.after[..<12])
        #expect(before.allSatisfy { abs($0) < 0.15 } && after.allSatisfy { abs($0 - 0.35) < 0.2 })
    }

    /// Twelve independent dimensions, fewer than any stream has: the hardest case.
    @Test func noiseAloneIsHardlyEverAChange() {
        let found = (4...8).reduce(0) { sum, seed in
            var source = Source(seed: UInt64(seed))
            source.run(20_000, centre: 1)
            return sum + source.found.count
        }
        #expect(found <= 1)
    }

    /// A long segment is looked at more coarsely, and its end is still found.
    @Test func aLongSegmentTakesNoMoreRoom() throws {
        var source = Source(seed: 7)
        source.run(40_000, centre: 0)
        var writer = SnapshotWriter(format: 1)
        source.split.write(to: &writer)
        #expect(writer.finish().count < (SegmentSplit.capacity + 3) * (16 * 4 + 24))
        source.run(10_000, centre: 0.5)
        #expect(source.found.count == 1)
    }

    @Test func aRestoredOneGoesOnAsTheFirst() throws {
        var source = Source(seed: 8)
        source.run(2900, centre: 0)
        var writer = SnapshotWriter(format: 1)
        source.split.write(to: &writer)
        var copy = source
        copy.split = SegmentSplit(dimension: Self.dimension)
        var reader = try SnapshotReader(writer.finish(), format: 1)
        try copy.split.read(from: &reader)
        #expect(copy.split == source.split)
        source.run(1500, centre: 0.5)
        copy.run(1500, centre: 0.5)
        #expect(copy.split == source.split && copy.found == source.found && !source.found.isEmpty)
    }

    @Test func aStateThatComesBackIsKnownAgain() {
        var stream = SyntheticStream(seed: 9)
        var regimes = Regimes(dimension: Self.dimension, memory: 10_000)
        var names: [String] = []
        for step in 0..<9000 {
            // Small against the noise of a step: 1, 2, 1 of 3,000 steps each.
            let centre: Float = step / 3000 == 1 ? 0.5 : 0
            var vector = [Float](repeating: 0, count: 16)
            for index in 0..<Self.dimension { vector[index] = centre + Float(stream.gaussian()) }
            let time = Timestamp(milliseconds: Int64(step) * 1000)
            if let change = regimes.observe(time: time, vector, learns: true) { names.append(change.to) }
        }
        #expect(names == ["state-2", "state-1"])
    }
}
