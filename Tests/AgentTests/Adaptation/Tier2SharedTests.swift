import Inference
import SedgeCore
import Synchronization
import Testing

@testable import Adaptation
@testable import Agent

/// `scope = "shared"`: one tail for all streams of a model.
@Suite struct Tier2SharedTests {
    private let a = try! StreamID("a")
    private let b = try! StreamID("b")
    private let runner = HandedRunner()

    private static let settings = {
        var settings = Tier2Settings()
        (settings.segmentGap, settings.quarantineSteps, settings.leastSegments) = (0, 24, 48)
        (settings.trainingSteps, settings.probationSteps) = (20, 128)
        settings.roundSteps = 50
        return settings
    }()

    /// Two streams after so many steps: at 1,060 each has some thirty segments, fewer than a round of its own needs.
    private func stage(_ scope: AdaptationScope, steps: Int = 1060) throws -> PipelineUnderTest {
        let streams = ["a", "b"].map {
            #"{"topic":"\#($0)","id":"\#($0)","channels":{"x":"$.x[*]"},"time":"$.ts","reorder_window_ms":0,"rate_hz":8,"#
                + #""hop":8}"#
        }
        let test = try PipelineUnderTest(streams.joined(separator: ","), bundle: Tier2Stage.bundle)
        test.pipeline.models.standard.tier2 = Tier2(
            bundle: Tier2Stage.bundle, kernels: .scalar, scope: scope, settings: Self.settings,
            shelf: MemoryShelf(), runner: runner, seed: 1, log: test.pipeline.log)
        run(test, 0..<steps)
        return test
    }

    private func run(_ test: PipelineUnderTest, _ steps: Range<Int>) {
        for step in steps {
            for topic in ["a", "b"] {
                var random = SeededRandom(seed: UInt64(step) &* 977 &+ UInt64(topic.utf8.first!))
                let values = (0..<8).map { index in
                    let phase = (Double(step * 8 + index) / 37).truncatingRemainder(dividingBy: 1)
                    return "\(6 * abs(phase - 0.5) - 1.5 + 0.2 * (random.uniform() - 0.5))"
                }
                let time = Timestamp(milliseconds: 1_800_000_000_000 + Int64(step) * 1000)
                test.receive(
                    #"{"ts":\#(time.milliseconds),"x":[\#(values.joined(separator: ","))]}"#, topic: topic,
                    arrival: time)
            }
        }
    }

    /// What the runner was given to do, done.
    private func work(_ test: PipelineUnderTest) -> AdaptationRound.Result? {
        runner.isBusy = false
        test.pipeline.adaptInIdleTime(steps: 1)
        return runner.work()
    }

    private func tier2(_ test: PipelineUnderTest) throws -> Tier2 { try #require(test.pipeline.models.standard.tier2) }

    @Test func aRoundTrainsOnTheSegmentsOfAllStreams() throws {
        let test = try stage(.shared)
        let kept = try tier2(test).kept
        #expect(kept >= 48 && kept < 2 * 48, "\(kept) segments")
        let result = try #require(work(test))
        guard case .trained(let streams, let outcome) = result else {
            Issue.record("\(result)")
            return
        }
        let trained = outcome.decision.figures.segments
        // What is held back has no place yet.
        #expect(streams == [a, b] && (kept - 6...kept).contains(trained), "\(trained) of \(kept) segments")
    }

    @Test func aStreamAloneHasTooFewForARound() throws {
        #expect(work(try stage(.stream)) == nil)
    }

    @Test func allStreamsGetTheSameTailAndNoRoundBeginsWhileOneIsOnProbation() throws {
        let test = try stage(.shared, steps: 1700)
        try giveTail(test)
        let tier2 = try tier2(test)
        #expect(tier2.isOnProbation(a) && tier2.isOnProbation(b))
        #expect(tier2.tail(of: a) == Self.tail && tier2.tail(of: b) == Self.tail)
        run(test, 1700..<1760)
        #expect(work(test) == nil)
        run(test, 1760..<2300)
        #expect(!tier2.isOnProbation(a) && !tier2.isOnProbation(b))
        #expect(tier2.tail(of: a) == Self.tail && tier2.tail(of: b) == Self.tail)
        let decisions = test.outlet.insights.withLock { $0.filter { $0.kind == .adaptation } }
        #expect(decisions.map(\.detail) == ["accepted", "accepted"] && Set(decisions.map(\.stream)) == [a, b])
        guard case .trained(let streams, _)? = work(test) else {
            Issue.record("no round")
            return
        }
        #expect(streams == [a, b])
    }

    @Test func roundsThatComeToNothingAreFurtherAndFurtherApart() throws {
        let test = try stage(.shared, steps: 1700)
        let nothing = AdaptationRound.Result.trained(
            [a, b],
            TailTrainer.Outcome(tail: nil, decision: AdaptationDecision(.refused, .noBetter, AdaptationFigures())))
        var (step, rounds) = (1700, [Int]())
        _ = work(test)
        while rounds.count < 5, step < 9000 {
            runner.result = nothing
            test.pipeline.adaptInIdleTime(steps: 1)
            while work(test) == nil, step < 9000 {
                run(test, step..<(step + 10))
                step += 10
            }
            rounds.append(step)
        }
        // 50 steps and 100 are less than new segments take.
        let pauses = zip(rounds.dropFirst(), rounds).map { $0 - $1 }
        #expect(pauses.count == 4 && pauses[2] >= 400 && pauses[3] >= 800, "\(rounds)")
    }

    /// Each takes it by its own probation: what one refuses, the other may use.
    @Test func eachStreamDecidesForItself() throws {
        let test = try stage(.shared, steps: 1700)
        try giveTail(test, spoilingB: true)
        let tier2 = try tier2(test)
        run(test, 1700..<2500)
        let decisions = test.outlet.insights.withLock { $0.filter { $0.kind == .adaptation } }
        #expect(decisions.first { $0.stream == a }?.detail == "accepted", "\(decisions)")
        #expect(decisions.first { $0.stream == b }?.detail == "refused", "\(decisions)")
        #expect(tier2.tail(of: a) == Self.tail && tier2.tail(of: b) == nil)
    }

    private static let tail = Tier2Stage.bundle.network.tail

    /// A round's tail on its way to both streams.
    private func giveTail(_ test: PipelineUnderTest, spoilingB: Bool = false) throws {
        runner.result = .trained(
            [a, b],
            TailTrainer.Outcome(
                tail: Self.tail, decision: AdaptationDecision(.accepted, .better, AdaptationFigures())))
        for stream in [a, b] {
            let result = try #require(work(test))
            guard case .transferred(stream, let scorer) = result else {
                Issue.record("\(result)")
                return
            }
            runner.result = .transferred(stream, stream == b && spoilingB ? spoiled(scorer) : scorer)
        }
        runner.isBusy = true
        test.pipeline.adaptInIdleTime(steps: 1)
    }

    /// The same learner on a tail that is not its own.
    private func spoiled(_ scorer: AdaptedScorer) -> AdaptedScorer {
        var tail = Self.tail
        for index in tail.projection.weight.indices { tail.projection.weight[index].negate() }
        return AdaptedScorer(
            tail: tail, learner: scorer.learner, figures: AdaptationFigures(), settings: Self.settings)
    }
}
