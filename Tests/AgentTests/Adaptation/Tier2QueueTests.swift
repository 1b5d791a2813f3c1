import Inference
import SedgeCore
import Testing

@testable import Adaptation
@testable import Agent

/// Who comes first when several streams wait for a new tail.
@Suite struct Tier2QueueTests {
    private let test: PipelineUnderTest
    private let runner = HandedRunner()

    init() throws {
        let streams = ["a", "b"].map {
            #"{"topic":"\#($0)","id":"\#($0)","channels":{"x":"$.x[*]"},"time":"$.ts","reorder_window_ms":0,"rate_hz":8,"#
                + #""hop":8}"#
        }
        test = try PipelineUnderTest(streams.joined(separator: ","))
        var settings = Tier2Settings()
        (settings.segmentGap, settings.quarantineSteps, settings.leastSegments) = (0, 24, 4)
        settings.roundSteps = 100_000
        test.pipeline.models.standard.tier2 = Tier2(
            bundle: PipelineUnderTest.bundle, kernels: .scalar, scope: .shared, settings: settings,
            shelf: MemoryShelf(), runner: runner, seed: 1, log: test.pipeline.log)
    }

    @Test func aStreamThatAlarmsHoldsUpNoOther() throws {
        let (a, b) = (try StreamID("a"), try StreamID("b"))
        var random = SeededRandom(seed: 3)
        for step in 0..<1060 {
            for topic in ["a", "b"] {
                let offset = topic == "a" && step >= 1000 ? 40.0 : 0
                let list = (0..<8).map { _ in "\(offset + random.uniform())" }.joined(separator: ",")
                let time = Timestamp(milliseconds: 1_800_000_000_000 + Int64(step) * 1000)
                test.receive(#"{"ts":\#(time.milliseconds),"x":[\#(list)]}"#, topic: topic, arrival: time)
            }
        }
        let learners = test.pipeline.streams.map { $0.learner! }
        #expect(learners[0].isAlarming && learners[1].isCalibrated && !learners[1].isAlarming)

        runner.result = .trained(
            [a, b],
            TailTrainer.Outcome(
                tail: PipelineUnderTest.bundle.network.tail,
                decision: AdaptationDecision(.accepted, .better, AdaptationFigures())))
        runner.isBusy = false
        test.pipeline.adaptInIdleTime(steps: 1)
        let first = try transferred()
        #expect(first.stream == b)
        runner.result = .transferred(first.stream, first.scorer)
        test.pipeline.adaptInIdleTime(steps: 1)
        #expect(runner.work() == nil, "the stream that alarms waits, and nothing is begun in its place")
        let tier2 = try #require(test.pipeline.models.standard.tier2)
        #expect(tier2.isOnProbation(b) && !tier2.isOnProbation(a))

        test.pipeline.streams[0].learner = learners[1]
        test.pipeline.adaptInIdleTime(steps: 1)
        #expect(try transferred().stream == a, "its turn comes when the alarm is over")
    }

    private func transferred() throws -> (stream: StreamID, scorer: AdaptedScorer) {
        let result = try #require(runner.work())
        guard case .transferred(let stream, let scorer) = result else {
            throw SnapshotError.impossible("a transfer, and found \(result)")
        }
        return (stream, scorer)
    }
}
