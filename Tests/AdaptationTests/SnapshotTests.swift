import SedgeCore
import Testing

@testable import Adaptation

@Suite struct SnapshotTests {
    /// Moments in the life of a stream: settling, learning, just calibrated, in a fault, in a new state.
    @Test(arguments: [0, 1, 20, 40, 100, 200, 319, 330, 500, 640, 700, 900])
    func goingOnFromASnapshotGivesTheSameBitForBit(steps: Int) throws {
        var stream = SyntheticStream(seed: 21)
        func value(_ step: Int) -> (Int, Double) -> Double {
            { (600..<760).contains(step) ? tone($0, 3 * $1) + 2 : tone($0, $1) }
        }
        for step in 0..<steps { _ = stream.advance(value(step)) }
        var other = stream
        other.learner = try StreamLearner(SyntheticStream.configuration(), restoring: stream.learner.snapshot())
        for step in steps..<(steps + 400) {
            let (one, two) = (stream.advance(value(step)), other.advance(value(step)))
            #expect(one == two)
            #expect(one.score.bitPattern == two.score.bitPattern)
        }
        #expect(stream.learner.snapshot() == other.learner.snapshot())
        #expect(stream.learner.contributions == other.learner.contributions)
    }

    @Test func aDamagedSnapshotIsRefused() {
        var stream = SyntheticStream(seed: 22)
        for _ in 0..<350 { _ = stream.advance(tone) }
        let snapshot = stream.learner.snapshot()
        var random = SeededRandom(seed: 23)
        for _ in 0..<500 {
            var damaged = snapshot
            switch random.next() % 3 {
            case 0: damaged.removeLast(1 + Int(random.next() % UInt64(snapshot.count)))
            case 1: damaged[Int(random.next() % UInt64(snapshot.count))] ^= UInt8(1 << (random.next() % 8))
            default: damaged.append(UInt8(truncatingIfNeeded: random.next()))
            }
            #expect(throws: SnapshotError.self) {
                try StreamLearner(SyntheticStream.configuration(), restoring: damaged)
            }
        }
    }

    /// The checksum made right again: what is refused then is what no learner can have become, and what is accepted
    /// must not break it.
    @Test func aForgedSnapshotIsRefusedOrHarmless() {
        var stream = SyntheticStream(seed: 24)
        for _ in 0..<350 { _ = stream.advance(tone) }
        let snapshot = stream.learner.snapshot()
        var random = SeededRandom(seed: 25)
        for _ in 0..<300 {
            var forged = Array(snapshot.dropLast(4))
            for _ in 0..<4 {
                forged[Int(random.next() % UInt64(forged.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            withUnsafeBytes(of: CRC32.checksum(forged).littleEndian) { forged.append(contentsOf: $0) }
            var other = stream
            guard let learner = try? StreamLearner(SyntheticStream.configuration(), restoring: forged) else { continue }
            other.learner = learner
            for _ in 0..<3 {
                let verdict = other.advance(tone)
                #expect(verdict.score.isFinite && verdict.score >= 0)
            }
        }
    }

    @Test func aSnapshotOfAnotherShapeIsRefused() {
        let snapshot = SyntheticStream(seed: 26).learner.snapshot()
        var configuration = SyntheticStream.configuration()
        configuration.channels = 2
        #expect(throws: SnapshotError.length(expected: 2, found: 1)) {
            try StreamLearner(configuration, restoring: snapshot)
        }
    }
}
