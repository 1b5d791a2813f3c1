import Adaptation
import SedgeCore
import Store
import TestSupport
import Testing

@testable import Agent

/// What `sedge inspect` makes of a stream whose retrained tail is in use.
extension Tier2SwapTests {
    /// The database of a stage that is over.
    private func ended() throws -> Tier2Stage {
        let stage = try adapted()
        stage.writer.close()
        return stage
    }

    private func row(_ file: String) throws -> LearnedStream {
        try #require(try LearnedStream.all(in: try Store.openStopped(at: file, isWritable: false)).first)
    }

    private func save(_ bytes: [UInt8], _ stage: Tier2Stage) throws {
        let now = Tier2Stage.time(stage.nextStep)
        let opened = try Store.open(at: path, options: StoreOptions(node: try NodeID("n"), bootID: "x"), now: now)
        _ = try opened.store.saveCheckpoints(
            [Checkpoint(stream: stream, part: "adapted", data: bytes)], at: now, isUrgent: true)
        try opened.store.close()
    }

    @Test func inspectionSaysWhatWasRetrainedWhenAndFromHowMuch() throws {
        let decision = try Self.adaptedDecision()
        _ = try ended()
        let row = try row(path)
        let adapted = try #require(row.adapted)
        #expect(adapted.isInUse && adapted.acceptedAt == decision.ts && adapted.figures == decision.figures)
        #expect(adapted.figures?["segments"] ?? 0 >= 48 && adapted.figures?["steps"] == 160)
        #expect(adapted.learnedSteps > 1000 && adapted.steps >= adapted.learnedSteps)
        #expect(row.parts.first { $0.name == "adapted" }?.problem == nil && row.replay > 0)
    }

    @Test func aDamagedTailIsNamedAndOneThatIsNoMoreIsNone() throws {
        let stage = try adapted()
        var bytes = try #require(try saved(stage))
        stage.writer.close()
        bytes[bytes.count / 2] ^= 4
        try save(bytes, stage)
        var row = try row(path)
        #expect(row.adapted == nil && row.learnedSteps ?? 0 > 1000)
        #expect(row.parts.filter { $0.problem != nil }.map(\.name) == ["adapted"])
        try save([], stage)
        row = try self.row(path)
        #expect(row.adapted == nil && row.parts.allSatisfy { $0.problem == nil })
    }

    @Test func aResetTakesTheTailToo() throws {
        let stage = try ended()
        let store = try Store.openStopped(at: path, isWritable: true)
        #expect(try store.reset(stream))
        try store.close()
        let row = try row(path)
        #expect(row.adapted == nil && row.parts.map(\.name) == ["stream"] && row.replay == 0)
        let again = try restarted(path, step: stage.nextStep)
        #expect(hasTail(again, nil))
        again.writer.close()
    }

    @Test func anExportTakesTheTailToAnotherBoxWhereItGoesOn() throws {
        let stage = try adapted()
        let (tail, now) = (try #require(stage.tier2.tail(of: stream)), Tier2Stage.time(stage.nextStep))
        let listed = StoredStream(id: stream, topic: "t", firstSeen: Tier2Stage.time(0), lastSeen: now)
        try stage.writer.sync { try $0.upsertStreams([listed]) }
        stage.writer.close()
        let archive = try LearnedArchive(
            try LearnedArchive(try Store.openStopped(at: path, isWritable: false)).bytes())
        let other = folder.file("other.db")
        try Store.open(at: other, options: StoreOptions(node: try NodeID("m"), bootID: "c"), now: now).store.close()
        let there = try Store.openStopped(at: other, isWritable: true)
        try archive.restore(into: there, at: now)
        try there.close()
        let (before, after) = (try #require(try row(path).adapted), try #require(try row(other).adapted))
        #expect(after.isInUse && after.learnedSteps == before.learnedSteps)
        #expect(after.acceptedAt == nil, "the decision was another box's insight")
        let again = try restarted(other, step: stage.nextStep)
        #expect(hasTail(again, tail))
        try again.run(200)
        #expect(again.alarms == 0 && again.decisions.isEmpty)
        again.writer.close()
    }
}
