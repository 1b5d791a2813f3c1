import SedgeCore
import Testing

@testable import Adaptation

@Suite struct RegimesTests {
    /// Twelve numbers around a centre, in noise.
    private struct Source {
        var stream: SyntheticStream
        var regimes = Regimes(dimension: 12, memory: 10_000)
        var changes: [RegimeTransition] = []
        var step = 0

        init(seed: UInt64) { stream = SyntheticStream(seed: seed) }

        mutating func run(_ steps: Int, centre: Float, noise: Float = 1) {
            for _ in 0..<steps {
                var vector = [Float](repeating: 0, count: 16)
                for index in 0..<12 {
                    vector[index] = centre * (index % 3 == 0 ? 1 : -0.5) + noise * Float(stream.gaussian())
                }
                let time = Timestamp(milliseconds: Int64(step) * 1000)
                if let change = regimes.observe(time: time, vector, learns: true) { changes.append(change) }
                step += 1
            }
        }
    }

    @Test(arguments: [51, 52, 53] as [UInt64])
    func aStationaryStreamHasOneState(seed: UInt64) {
        var source = Source(seed: seed)
        source.run(8000, centre: 0)
        #expect(source.changes.isEmpty)
        #expect(source.regimes.name == "state-1" && source.regimes.count == 1)
    }

    @Test(arguments: [54, 55] as [UInt64])
    func statesThatComeBackKeepTheirNames(seed: UInt64) {
        var source = Source(seed: seed)
        for _ in 0..<4 {
            source.run(300, centre: 0)
            source.run(300, centre: 4)
            source.run(300, centre: -4)
        }
        #expect(source.regimes.count == 3)
        let names = source.changes.map(\.to)
        #expect(names.prefix(5) == ["state-2", "state-3", "state-1", "state-2", "state-3"])
        #expect(names.count == 11)
        // Each begins where it began, and is settled soon after.
        for (index, change) in source.changes.enumerated() {
            let began = Int64(300 * (index + 1)) * 1000
            #expect(abs(change.since.milliseconds - began) <= 20_000, "change \(index)")
        }
    }

    @Test func whatPassesIsNoState() {
        var source = Source(seed: 56)
        for _ in 0..<10 {
            source.run(300, centre: 0)
            source.run(20, centre: 4)
        }
        #expect(source.changes.isEmpty)
    }

    @Test func moreStatesThanThereIsRoomForReplaceTheOldest() {
        var source = Source(seed: 57)
        for index in 0..<12 { source.run(200, centre: Float(index) * 5) }
        #expect(source.regimes.count <= Regimes.limit)
        #expect(Set(source.changes.map(\.to)).count == source.changes.count)
    }

    /// No step shows that a stream has changed by a third of its noise; the mean of many does. The older part keeps its
    /// name, and is known again when it comes back.
    @Test(arguments: [58, 59, 60] as [UInt64])
    func aStateThatWasTwoDividesAndBothAreKnownAgain(seed: UInt64) throws {
        var source = Source(seed: seed)
        source.run(3000, centre: 0)
        #expect(source.changes.isEmpty && source.regimes.count == 1)
        source.run(2000, centre: 0.5)
        #expect(source.changes.map(\.from) == ["state-1"] && source.changes.map(\.to) == ["state-2"])
        let began = try #require(source.changes.first).since.milliseconds / 1000
        #expect(abs(began - 3000) <= Int64(2 * SegmentSplit.blockSteps))
        source.run(2000, centre: 0)
        #expect(source.changes.map(\.to) == ["state-2", "state-1"] && source.regimes.count == 2)
        source.run(2000, centre: 0.5)
        #expect(source.changes.map(\.to) == ["state-2", "state-1", "state-2"] && source.regimes.count == 2)
    }

    /// What began as another state because it was louder, round the same mean, is the same in the end: the older name
    /// stays.
    @Test(arguments: [61, 62, 63] as [UInt64])
    func statesThatDifferByNoiseAloneMergeIntoTheOlder(seed: UInt64) {
        var source = Source(seed: seed)
        source.run(300, centre: 0, noise: 0.05)
        var most = 0
        for _ in 0..<60 {
            source.run(100, centre: 0)
            most = max(most, source.regimes.count)
        }
        #expect(most > 1 && source.regimes.count == 1 && source.regimes.name == "state-1")
    }
}
