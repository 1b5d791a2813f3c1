import Learning
import SedgeCore
import Testing

@testable import Training

struct PretrainingRunTests {
    @Test func aTinyRunLearnsSomethingThatHoldsOnUnseenSignals() {
        let configuration = Tiny.configuration(steps: 40)
        let heldOut = HeldOutEvaluation(
            patch: 8, targets: configuration.targets, seed: 999, count: 2, rows: configuration.rows)
        var run = PretrainingRun(configuration)
        func report() -> HeldOutReport {
            var network = run.network
            return heldOut.report(objective: run.objective, using: Tiny.gemm) {
                network.forward($0.patches, lanes: $0.lanes, .inference, using: Tiny.gemm)
            }
        }
        while run.step < 2 { _ = run.advance(using: Tiny.gemm) }
        let before = report()
        while !run.isFinished { _ = run.advance(using: Tiny.gemm) }
        let after = report()
        #expect(after.near.model < 0.7 * before.near.model)
        #expect(after.loss < 0.7 * before.loss)
        #expect(after.near.lastValue == before.near.lastValue)
        #expect(after.effectiveRank > 1.5 && after.dimensions == 8)
    }

    @Test func theSameSeedGivesTheSameWeightsAndAnotherSeedOthers() {
        func train(_ seed: UInt64) -> [[Float]] {
            var run = PretrainingRun(Tiny.configuration(seed: seed, steps: 4))
            while !run.isFinished { _ = run.advance(using: Tiny.gemm) }
            return Tiny.weights(run)
        }
        let weights = train(5)
        #expect(weights == train(5))
        #expect(weights != train(6))
    }

    @Test func aResumedRunEndsWithTheWeightsOfAnUnbrokenOne() throws {
        var unbroken = PretrainingRun(Tiny.configuration(steps: 6))
        var snapshot: [UInt8] = []
        while !unbroken.isFinished {
            if unbroken.step == 3 { snapshot = unbroken.snapshot() }
            _ = unbroken.advance(using: Tiny.gemm)
        }
        var resumed = try PretrainingRun(snapshot: snapshot)
        #expect(resumed.step == 3)
        #expect(resumed.configuration == unbroken.configuration)
        while !resumed.isFinished { _ = resumed.advance(using: Tiny.gemm) }
        #expect(Tiny.weights(resumed) == Tiny.weights(unbroken))
        #expect(resumed.snapshot() == unbroken.snapshot())
    }

    /// Seed 7 of the mutations.
    @Test func damagedCheckpointsAreRefused() throws {
        var run = PretrainingRun(Tiny.configuration(steps: 2))
        _ = run.advance(using: Tiny.gemm)
        let snapshot = run.snapshot()
        var random = SeededRandom(seed: 7)
        for _ in 0..<20 {
            var damaged = snapshot
            if random.uniform() < 0.5 {
                damaged.removeLast(1 + random.index(snapshot.count - 1))
            } else {
                damaged[random.index(snapshot.count)] ^= 1 << UInt8(random.index(8))
            }
            #expect(throws: SnapshotError.self) { try PretrainingRun(snapshot: damaged) }
        }
    }

    @Test func bothProductsTrainAlike() {
        var (plain, blas) = (PretrainingRun(Tiny.configuration(steps: 2)), PretrainingRun(Tiny.configuration(steps: 2)))
        let first = plain.advance(using: PlainMatrixMultiply())
        let second = blas.advance(using: Tiny.gemm)
        #expect(abs(first.loss.total - second.loss.total) < 1e-4)
        #expect(abs(first.gradientNorm - second.gradientNorm) < 1e-3 * first.gradientNorm)
    }
}
