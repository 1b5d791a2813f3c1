import Inference
import Learning
import SedgeCore
import Testing

@testable import Adaptation

/// A round is accepted when it is better on what it has not seen, and refused when it was fed with garbage.
struct TailTrainerTests {
    fileprivate static let segments = ReplayFixture.segments(96)

    @Test func anOrdinaryStreamMakesItBetter() throws {
        let outcome = ReplayFixture.outcome(Self.segments)
        let figures = outcome.decision.figures
        #expect(outcome.decision.outcome == .accepted, "\(outcome.decision)")
        #expect(figures.lossAfter < 0.98 * figures.lossBefore)
        #expect(figures.predictionAfter <= 1.01 * figures.predictionBefore)
        #expect(figures.change > 0 && figures.change <= 0.36)
        #expect(figures.stability > 0.5)
        let tail = try #require(outcome.tail)
        #expect(tail.isComputable(in: ReplayFixture.architecture))
        #expect(tail != ReplayFixture.bundle.network.tail)
    }

    @Test func theSameSeedMakesTheSameTail() {
        let first = ReplayFixture.outcome(Self.segments)
        let second = ReplayFixture.outcome(Self.segments)
        #expect(first.tail == second.tail)
        #expect(first.decision == second.decision)
        #expect(ReplayFixture.outcome(Self.segments, seed: 4).tail != first.tail)
    }

    /// Activations that have nothing to do with the samples.
    @Test func garbageActivationsAreRefused() {
        var random = SeededRandom(seed: 8)
        var garbage = Self.segments
        for index in garbage.indices {
            for place in garbage[index].tapped.indices {
                garbage[index].tapped[place] = Int8(truncatingIfNeeded: random.next())
            }
        }
        let outcome = ReplayFixture.outcome(garbage)
        #expect(outcome.tail == nil)
        #expect(outcome.decision.reason == .noSense)
        #expect(outcome.decision.figures.steps == 0)
    }

    @Test func garbageSamplesAreRefused() {
        var random = SeededRandom(seed: 9)
        var garbage = Self.segments
        for index in garbage.indices {
            for place in garbage[index].samples.indices {
                garbage[index].samples[place] = Int8(Int(random.next() % 255) - 127)
            }
        }
        let outcome = ReplayFixture.outcome(garbage)
        #expect(outcome.tail == nil)
        #expect(outcome.decision.reason == .noSense)
    }

    @Test func aStreamThatNeverMovesIsRefused() {
        var still = Self.segments
        for index in still.indices {
            still[index].tapped = still[index].tapped.map { _ in 5 }
            still[index].samples = still[index].samples.map { _ in 0 }
        }
        let outcome = ReplayFixture.outcome(still)
        #expect(outcome.tail == nil)
        #expect(outcome.decision.reason == .noSense)
    }

    /// Labels without any meaning, and two people who contradict each other all the time.
    @Test func garbageLabelsAreRefused() {
        var random = SeededRandom(seed: 10)
        let outcome = ReplayFixture.outcome(Self.segments, classes: Self.segments.map { _ in Int(random.next() % 2) })
        #expect(outcome.tail == nil)
        #expect(outcome.decision.reason == .labels, "\(outcome.decision)")
    }

    /// Labels that mean what the stream does.
    @Test func labelsThatMakeSenseAreLearned() {
        let classes = Self.segments.map { segment in
            Int((segment.start.milliseconds - 1_700_000_000_000) / 1000) / 300 % 2
        }
        let outcome = ReplayFixture.outcome(Self.segments, classes: classes)
        #expect(outcome.decision.outcome == .accepted, "\(outcome.decision)")
        #expect(outcome.decision.figures.labelled == Self.segments.count)
        #expect(outcome.decision.figures.accuracyAfter! >= outcome.decision.figures.accuracyBefore! - 0.02)
    }

    /// Training that runs away is held by the bound, and refused where it is not better.
    @Test func aRateFarTooHighIsHarmless() {
        var settings = ReplayFixture.settings
        settings.peakRate = 10
        let outcome = ReplayFixture.outcome(Self.segments, settings: settings)
        #expect(outcome.decision.figures.change <= 0.36)
        if let tail = outcome.tail {
            #expect(outcome.decision.figures.lossAfter < outcome.decision.figures.lossBefore)
            #expect(tail.isComputable(in: ReplayFixture.architecture))
        }
    }

    /// An int8 tail and the float network of it say the same.
    @Test func anUntrainedNetworkRoundsToItsTail() {
        let tail = ReplayFixture.bundle.network.tail
        var network = TailNetwork(tail)
        let segment = Self.segments[0]
        let size = ReplayFixture.architecture.tapBytes
        let rows = segment.tapped.count / size
        let frames = Matrix(
            rows: rows, columns: size,
            values: segment.tapped.map { (Float($0) - Float(tail.input.zeroPoint)) * tail.input.scale })
        let float = network.forward(frames, .inference, using: PlainMatrixMultiply())
        var integers = [Float](repeating: 0, count: rows * ReplayFixture.architecture.embedding)
        var output = integers.mutableSpan
        TailEncoder(ReplayFixture.architecture).embed(
            segment.tapped.span, with: PackedTail(network.quantized(like: tail), kernels: .scalar), into: &output)
        let step = tail.embedding.scale
        let off = zip(float.values, integers).map { abs($0 - $1) / step }
        #expect(off.reduce(0, +) / Float(off.count) < 1.5)
    }

    /// However many rounds have built on each other.
    @Test func scalesOfActivationsStayNearTheBundles() {
        let base = ReplayFixture.bundle.network.tail
        var start = base
        start.embedding.scale *= 4
        var (anchor, network) = (TailNetwork(base), TailNetwork(start, from: base))
        #expect(abs(network.ranges.embedding.scale / start.embedding.scale - 1) < 1e-4)
        ParameterBound(around: &anchor, share: 0.35).hold(&network)
        let growth = network.ranges.embedding.scale / base.embedding.scale
        #expect(growth > 2 && growth < 3, "\(growth)")
    }

    @Test func aSliceIsShort() {
        let trainer = TailTrainer(
            bundle: ReplayFixture.bundle, segments: Self.segments, settings: ReplayFixture.settings, seed: 1,
            kernels: .scalar)
        #expect(trainer.slices == 2 * (5 + 2) + ReplayFixture.settings.trainingSteps)
    }
}

/// Each reason to refuse a round whose tail is taken otherwise, by itself.
extension TailTrainerTests {
    private func refusal(_ change: (inout Tier2Settings) -> Void) -> AdaptationDecision {
        var settings = ReplayFixture.settings
        change(&settings)
        let outcome = ReplayFixture.outcome(Self.segments, settings: settings)
        #expect(outcome.tail == nil && outcome.decision.outcome == .refused)
        return outcome.decision
    }

    @Test func aLossThatFallsByTooLittleIsNoBetter() {
        let decision = refusal { $0.margin = 0.9 }
        #expect(decision.reason == .noBetter, "\(decision)")
        #expect(decision.figures.lossAfter < decision.figures.lossBefore)
        #expect(decision.figures.steps == ReplayFixture.settings.trainingSteps)
    }

    /// The whole loss fell.
    @Test func predictionsThatGetWorseAreNoBetter() {
        let decision = refusal { $0.predictionTolerance = -0.9 }
        #expect(decision.reason == .noBetter, "\(decision)")
        #expect(decision.figures.lossAfter < 0.98 * decision.figures.lossBefore)
    }

    @Test func scoresThatChangeTheirOrderAreUnstable() {
        let decision = refusal { $0.leastStability = 1.01 }
        #expect(decision.reason == .unstable, "\(decision)")
        #expect(decision.figures.stability > 0.5)
    }

    @Test func anEmbeddingThatExplainsTooLittleMakesNoSense() {
        let decision = refusal { $0.leastExplained = 1 }
        #expect(decision.reason == .noSense && decision.figures.steps == 0, "\(decision)")
    }

    /// What labels there are has to be enough, or they are left aside and the round is judged without them.
    @Test func tooFewLabelsAreLeftAside() {
        var settings = ReplayFixture.settings
        settings.leastLabelled = 100_000
        var random = SeededRandom(seed: 10)
        let outcome = ReplayFixture.outcome(
            Self.segments, classes: Self.segments.map { _ in Int(random.next() % 2) }, settings: settings)
        #expect(outcome.decision.outcome == .accepted && outcome.decision.figures.labelled == 0)
    }
}
