import Inference
import SedgeCore
import Testing

@testable import Adaptation
@testable import Agent

/// Which channels an insight names where a tail is in use.
@Suite struct Tier2SharesTests {
    private let test: PipelineUnderTest
    private let runner = HandedRunner()

    init() throws {
        test = try PipelineUnderTest(
            #"{"topic":"t","id":"s","channels":{"x":"$.x[*]","y":"$.y[*]"},"time":"$.ts","reorder_window_ms":0,"#
                + #""rate_hz":8,"hop":8}"#)
        test.pipeline.models.standard.tier2 = Tier2(
            bundle: PipelineUnderTest.bundle, kernels: .scalar, scope: .stream, settings: Tier2Settings(),
            shelf: MemoryShelf(), runner: runner, seed: 1, log: test.pipeline.log)
        for step in 0..<4 {
            let time = Timestamp(milliseconds: 1_800_000_000_000 + Int64(step) * 1000)
            test.receive(
                #"{"ts":\#(time.milliseconds),"x":[1,2,3,4,5,6,7,8],"y":[1,2,3,4,5,6,7,8]}"#, arrival: time)
        }
    }

    /// A learner of the same stream whose second channel is not itself.
    private func learner(_ configuration: LearnerConfiguration) -> StreamLearner {
        var learner = StreamLearner(configuration)
        var random = SeededRandom(seed: 16)
        let embeddings = [Float](repeating: 0, count: 2 * configuration.embeddingSize)
        for step in 0..<500 {
            var patches = (0..<16).map { _ in Float(random.uniform() - 0.5) }
            if step > 480 { for index in 8..<16 { patches[index] += 4 } }
            let time = Timestamp(milliseconds: 1_800_000_000_000 + Int64(step) * 1000)
            _ = learner.observe(time: time, embeddings: embeddings.span, patches: patches.span, learns: true)
        }
        return learner
    }

    @Test(arguments: [true, false]) func sharesAreOfTheScorerThatSpeaks(isActive: Bool) throws {
        let own = try #require(test.stream.learner)
        let adapted = learner(own.configuration)
        let expected = (isActive ? adapted : own).contributions.map { Double($0) }
        #expect((expected[1] > 0.8) == isActive, "\(expected)")
        runner.result = .transferred(
            test.stream.id,
            AdaptedScorer(
                tail: PipelineUnderTest.bundle.network.tail, learner: adapted, figures: AdaptationFigures(),
                settings: Tier2Settings(), isActive: isActive))
        test.pipeline.adaptInIdleTime(steps: 1)
        #expect(test.stream.contributions == ["x": expected[0], "y": expected[1]])
    }
}
