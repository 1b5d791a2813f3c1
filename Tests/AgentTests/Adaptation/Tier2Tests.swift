import Adaptation
import Inference
import SedgeCore
import Store
import Synchronization
import TestSupport
import Testing

@testable import Agent

/// Tier 2 over a real database: what is kept, and what garbage does.
@Suite struct Tier2Tests {
    private let folder = TemporaryFolder()
    private var path: String { folder.file("sedge.db") }

    @Test func replayIsBoundedAndGoesOnAfterARestart() throws {
        var settings = Tier2Stage.settings
        settings.segmentsPerStream = 24
        let stage = try Tier2Stage(path, slices: 0, settings: settings)
        try stage.run(1800)
        try stage.save()
        let name = Tier2Stage.bundle.fingerprint
        func rows(_ stage: Tier2Stage) throws -> [StoredReplay] {
            try stage.writer.sync { try $0.loadReplay(stream: Tier2Stage.stream, model: name, limit: 1000) }
        }
        let kept = try rows(stage)
        #expect(kept.count == 24 && Set(kept.map(\.slot)) == Set(0..<24))
        let steps = settings.segmentSteps
        let size = steps * (Tier2Stage.bundle.architecture.tapBytes + 8)
        #expect(kept.allSatisfy { $0.data.count > size && $0.data.count < size + 100 })
        #expect(kept.contains { $0.seen > 24 }, "a reservoir counts what came")
        stage.writer.close()
        let again = try Tier2Stage(path, step: stage.nextStep, slices: 0, settings: settings)
        #expect(try rows(again) == kept)
        try again.run(400)
        try again.save()
        let later = try rows(again)
        #expect(later.count == 24 && later != kept)
    }

    /// Rows whose activations have nothing to do with their samples: the round that reads them comes to nothing.
    @Test func aRoundOnGarbageIsRefused() throws {
        let stage = try Tier2Stage(path, slices: 0)
        try stage.run(2400)
        try stage.save()
        let (name, stream) = (Tier2Stage.bundle.fingerprint, Tier2Stage.stream)
        let architecture = Tier2Stage.bundle.architecture
        let garbage = try stage.writer.sync { store in
            var random = SeededRandom(seed: 4)
            var pieces = try store.loadReplay(stream: stream, model: name, limit: 1000)
            for index in pieces.indices {
                var segment = try ReplaySegment(
                    pieces[index].data, tapBytes: architecture.tapBytes, patch: architecture.patch)
                for place in segment.tapped.indices {
                    segment.tapped[place] = Int8(truncatingIfNeeded: random.next())
                }
                pieces[index].data = segment.bytes()
            }
            _ = try store.saveReplay(pieces, model: name, at: Tier2Stage.time(0))
            return pieces.count
        }
        #expect(garbage == Tier2Stage.settings.segmentsPerStream)
        stage.writer.close()
        let again = try Tier2Stage(path, step: stage.nextStep, slices: 200)
        try again.run(200) { !again.decisions.isEmpty }
        let decision = try #require(again.decisions.first)
        #expect(decision.detail == "refused" && decision.reason == "no-sense", "\(decision)")
        #expect(decision.figures?["steps"] == 0 && decision.figures!["explained"]! < 0.05)
        #expect(again.tier2.tail(of: stream) == nil && again.alarms == 0)
    }

    @Test func aDamagedRowCostsTheStreamItsReplayAndNothingElse() throws {
        let stage = try Tier2Stage(path, slices: 0)
        try stage.run(2000)
        try stage.save()
        let name = Tier2Stage.bundle.fingerprint
        try stage.writer.sync { store in
            var pieces = try store.loadReplay(stream: Tier2Stage.stream, model: name, limit: 1000)
            pieces[3].data[40] ^= 1
            _ = try store.saveReplay([pieces[3]], model: name, at: Tier2Stage.time(0))
        }
        stage.writer.close()
        let again = try Tier2Stage(path, step: stage.nextStep, slices: 4)
        try again.run(100)
        #expect(try again.writer.sync { try $0.replayPlaces(model: name) }.count < 40)
        #expect(again.test.outlet.log.withLock { $0 }.contains("1 pieces are damaged"))
        #expect(again.tier2.kept < 40, "it fills again")
        #expect(again.scores.last! != nil && again.decisions.isEmpty)
    }
}
