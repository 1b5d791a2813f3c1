import Preprocessing
import SedgeCore
import Testing

@Suite struct SensorWatchTests {
    /// What is found in `count` samples, with the sample at which.
    private func findings(_ count: Int, _ value: (Int, inout SeededRandom) -> Double) -> [(SensorWatch.Finding, Int)] {
        var watch = SensorWatch()
        var random = SeededRandom(seed: 1)
        return (0..<count).compactMap { index in watch.observe(value(index, &random)).map { ($0, index) } }
    }

    @Test func aSensorThatStopsMovingIsStuckOnce() {
        let found = findings(2000) { index, random in index < 1000 ? random.uniform() : 0.5 }
        #expect(found.map(\.0) == [.stuck])
        #expect((1100..<1200).contains(found.first?.1 ?? 0))
    }

    @Test func itIsStuckAgainWhenItSticksAgain() {
        let found = findings(4000) { index, random in (index / 1000).isMultiple(of: 2) ? random.uniform() : 0.5 }
        #expect(found.map(\.0) == [.stuck, .stuck])
    }

    @Test func aConstantAndASlowCoarseChannelAreNotStuck() {
        #expect(findings(50_000) { _, _ in 21.5 }.isEmpty)
        #expect(findings(50_000) { index, _ in Double(index / 300 % 7) }.isEmpty)
    }

    @Test func aSignalWhoseTopIsCutOffIsSaturated() {
        let found = findings(4000) { index, random in
            min(0.8, max(-2, 1.5 * Double(index % 200) / 100 - 1 + 0.01 * random.uniform()))
        }
        #expect(found.map(\.0) == [.saturated])
    }

    @Test func aSignalWithFreeExtremesIsNot() {
        #expect(findings(50_000) { index, random in Double(index % 100) + random.uniform() }.isEmpty)
    }

    @Test func whatIsMissingEndsNoRunAndGoingOnFromASnapshotIsTheSame() throws {
        var watch = SensorWatch()
        var random = SeededRandom(seed: 2)
        for _ in 0..<500 { _ = watch.observe(random.uniform()) }
        for _ in 0..<100 { _ = watch.observe(3) }
        var writer = SnapshotWriter(format: 1)
        watch.snapshot(into: &writer)
        var reader = try SnapshotReader(writer.finish(), format: 1)
        var other = SensorWatch()
        try other.restore(from: &reader)
        #expect(other == watch)
        var found: [SensorWatch.Finding] = []
        for index in 0..<200 {
            if let finding = other.observe(index.isMultiple(of: 2) ? 3 : .nan) { found.append(finding) }
        }
        #expect(found == [.stuck])
    }
}
