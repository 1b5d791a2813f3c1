import Adaptation
import Inference
import SedgeCore
import Store
import Testing

@testable import Agent

/// A tail that is in use stays so until a better one has served its probation.
extension Tier2SwapTests {
    @Test func aSecondTailThatIsRefusedLeavesTheFirstInUse() throws {
        let runner = HandedRunner()
        let stage = try adapted(runner)
        let good = try inUse(stage)
        var spoiled = good.tail
        for index in spoiled.projection.weight.indices { spoiled.projection.weight[index].negate() }
        try tryOut(spoiled, good.learner, stage, runner)
        try stage.run(4000) { !stage.decisions.isEmpty }
        let decision = try #require(stage.decisions.first)
        #expect(decision.detail == "refused", "\(decision)")
        #expect(hasTail(stage, good.tail) && !stage.tier2.isOnProbation(stream))
        #expect(try inUse(stage).tail == good.tail, "what is saved with the decision")
        try stage.run(200)
        #expect(stage.alarms == 0 && stage.decisions.count == 1)
        stage.writer.close()
    }

    @Test func aSecondTailThatIsNoWorseTakesThePlaceOfTheFirst() throws {
        let runner = HandedRunner()
        let stage = try adapted(runner)
        let learner = try #require(stage.test.stream.learner)
        let own = Tier2Stage.bundle.network.tail
        try tryOut(own, learner, stage, runner)
        try stage.run(4000) { !stage.decisions.isEmpty }
        let decision = try #require(stage.decisions.first)
        #expect(decision.detail == "accepted", "\(decision)")
        #expect(hasTail(stage, own) && !stage.tier2.isOnProbation(stream))
        #expect(try inUse(stage).tail == own)
        try stage.run(200)
        #expect(stage.alarms == 0 && stage.decisions.count == 1)
        stage.writer.close()
    }

    /// The scorer that the database holds.
    private func inUse(_ stage: Tier2Stage) throws -> AdaptedScorer {
        let learner = try #require(stage.test.stream.learner)
        let found = try AdaptedScorer(
            learner.configuration, restoring: try #require(try saved(stage)), of: Tier2Stage.bundle,
            settings: Tier2Stage.settings)
        #expect(found.isActive)
        return found
    }

    /// Puts another tail on probation beside the one in use.
    private func tryOut(
        _ tail: QuantizedTail, _ learner: StreamLearner, _ stage: Tier2Stage, _ runner: HandedRunner
    ) throws {
        let former = stage.tier2.tail(of: stream)
        runner.result = .transferred(
            stream,
            AdaptedScorer(
                tail: tail, learner: learner, figures: AdaptationFigures(), settings: Tier2Stage.settings))
        try stage.run(2)
        #expect(stage.tier2.isOnProbation(stream) && hasTail(stage, former))
        try stage.save()
        #expect(try inUse(stage).tail == former)
    }
}
