import Adaptation
import Inference
import SedgeCore
import Store
import Synchronization
import TestSupport
import Testing

@testable import Agent

/// Tier 2 over a real database: from a retrained tail to its use, through a power cut, and back.
@Suite struct Tier2SwapTests {
    let folder = TemporaryFolder()
    var path: String { folder.file("sedge.db") }
    let stream = Tier2Stage.stream

    /// What a stage left whose stream has a tail in use: its database, and the step after the decision.
    private struct Adapted {
        let folder: TemporaryFolder
        let step: Int
        let decision: Insight
        let alarms: Int
    }

    private static let adapted = Result { () throws -> Adapted in
        let folder = TemporaryFolder()
        // Nothing is trained until the stream's own statistics are grown up.
        let young = try Tier2Stage(folder.file("live.db"), slices: 0, shapes: 2)
        try young.run(2600)
        try young.save()
        young.writer.close()
        let stage = try Tier2Stage(folder.file("live.db"), step: young.nextStep, shapes: 2)
        try stage.run(6000) { !stage.decisions.isEmpty }
        guard let decision = stage.decisions.last else {
            throw Launcher.Failure(description: "no decision after \(stage.nextStep) steps")
        }
        try stage.save()
        try stage.cut(to: folder.file("sedge.db"))
        return Adapted(folder: folder, step: stage.nextStep, decision: decision, alarms: stage.alarms)
    }

    /// What was said when that tail came into use.
    static func adaptedDecision() throws -> Insight { try adapted.get().decision }

    /// Goes on from there.
    func adapted(_ runner: (any RoundRunner)? = nil) throws -> Tier2Stage {
        let adapted = try Self.adapted.get()
        try Tier2Stage.copy(adapted.folder.file("sedge.db"), to: path)
        return try restarted(path, step: adapted.step, runner)
    }

    /// After a first sample, with which its stream comes back. No further round is trained.
    func restarted(_ file: String, step: Int, _ runner: (any RoundRunner)? = nil) throws -> Tier2Stage {
        let stage = try Tier2Stage(file, step: step, slices: 0, shapes: 2, runner: runner)
        try stage.run(1)
        return stage
    }

    func hasTail(_ stage: Tier2Stage, _ tail: QuantizedTail?) -> Bool {
        stage.tier2.tail(of: stream) == tail
    }

    func saved(_ stage: Tier2Stage) throws -> [UInt8]? {
        try stage.writer.sync { try $0.loadCheckpoints().checkpoints.first { $0.part == "adapted" }?.data }
    }

    @Test func aTailComesIntoUseWithoutAnAlarmAndTellsItsFigures() throws {
        let adapted = try Self.adapted.get()
        let decision = adapted.decision
        #expect(decision.detail == "accepted" && decision.reason == "better" && adapted.alarms == 0, "\(decision)")
        let figures = try #require(decision.figures)
        #expect(figures["loss_after"]! < figures["loss_before"]!, "\(figures)")
        #expect(figures["stability"]! > Tier2Stage.settings.leastStability)
        #expect(figures["watched"]! >= Double(Tier2Stage.settings.probationSteps))
        let stage = try self.adapted()
        #expect(!hasTail(stage, nil) && !hasTail(stage, Tier2Stage.bundle.network.tail))
        try stage.run(1500)
        #expect(stage.alarms == 0 && stage.decisions.isEmpty, "\(stage.decisions)")
        #expect(stage.scores.suffix(1400).allSatisfy { $0 != nil })
        stage.writer.close()
    }

    /// The decision and the weights are one commit: whoever has read "accepted" finds them after a power cut.
    @Test func whatWasAcceptedOutlivesAPowerCut() throws {
        let stage = try Tier2Stage(path, shapes: 2)
        try stage.run(1000)
        try stage.save()
        // No checkpoint after this one but that of the decision.
        try stage.run(6000) { !stage.decisions.isEmpty }
        #expect(stage.decisions.last?.detail == "accepted", "\(stage.decisions)")
        let cut = folder.file("cut.db")
        try stage.cut(to: cut)
        let tail = try #require(stage.tier2.tail(of: stream))
        stage.writer.close()

        let again = try restarted(cut, step: stage.nextStep)
        let isBack = hasTail(again, tail)
        #expect(isBack)
        #expect(try !again.writer.sync { try $0.replayPlaces(model: Tier2Stage.bundle.fingerprint) }.isEmpty)
        try again.run(600)
        #expect(again.scores.last! != nil && again.alarms == 0)
        #expect(again.decisions.isEmpty)
        again.writer.close()
    }

    /// Weights that no longer fit what the scorer learned: alarms that the frozen encoder does not raise.
    @Test func aTailThatGetsWorseIsTakenBackForGood() throws {
        let stage = try adapted()
        let saved = try #require(try saved(stage))
        stage.writer.close()
        let configuration = try #require(stage.test.pipeline.streams.first?.learner?.configuration)
        let good = try AdaptedScorer(
            configuration, restoring: saved, of: Tier2Stage.bundle, settings: Tier2Stage.settings)
        var spoiled = good.tail
        for index in spoiled.projection.weight.indices { spoiled.projection.weight[index].negate() }
        let bad = AdaptedScorer(
            tail: spoiled, learner: good.learner, figures: AdaptationFigures(), settings: Tier2Stage.settings,
            isActive: true)
        let opened = try Store.open(
            at: path, options: StoreOptions(node: try NodeID("n"), bootID: "x"), now: Tier2Stage.time(stage.nextStep))
        _ = try opened.store.saveCheckpoints(
            [Checkpoint(stream: stream, part: "adapted", data: bad.snapshot(of: Tier2Stage.bundle.fingerprint))],
            at: Tier2Stage.time(stage.nextStep), isUrgent: true)
        try opened.store.close()

        let again = try restarted(path, step: stage.nextStep)
        let isSpoiled = hasTail(again, spoiled)
        #expect(isSpoiled)
        try again.run(2000) { !again.decisions.isEmpty }
        let decision = try #require(again.decisions.first)
        #expect(decision.detail == "reverted", "\(decision)")
        #expect(["alarms", "p-values"].contains(decision.reason))
        #expect(hasTail(again, nil))
        // With the decision, the weights have left the database too.
        let cut = folder.file("cut.db")
        try again.cut(to: cut)
        again.writer.close()
        let frozen = try restarted(cut, step: again.nextStep)
        #expect(hasTail(frozen, nil))
        try frozen.run(400)
        #expect(frozen.decisions.isEmpty && frozen.scores.last! != nil)
        frozen.writer.close()
    }

    @Test func weightsThatCanNotBeReadLeaveTheStreamFrozen() throws {
        let stage = try adapted()
        var saved = try #require(try saved(stage))
        saved[saved.count / 2] ^= 4
        let checkpoint = Checkpoint(stream: stream, part: "adapted", data: saved)
        let now = Tier2Stage.time(stage.nextStep)
        _ = try stage.writer.sync { try $0.saveCheckpoints([checkpoint], at: now, isUrgent: true) }
        stage.writer.close()
        let again = try restarted(path, step: stage.nextStep)
        try again.run(200)
        #expect(hasTail(again, nil) && again.alarms == 0)
        #expect(again.scores.last! != nil)
        #expect(again.test.outlet.log.withLock { $0 }.contains("its adaptation starts afresh"))
        again.writer.close()
    }
}
