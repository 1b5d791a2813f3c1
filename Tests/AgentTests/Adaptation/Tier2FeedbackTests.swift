import Adaptation
import Logging
import SedgeCore
import Store
import TestSupport
import Testing

@testable import Agent

/// What people say holds on a tail that is in use, as it does on the frozen encoder.
extension Tier2SwapTests {
    private static let offset = 6.0

    @Test func whatWasCalledNormalRaisesNoAlarmOnATailNorAfterARestart() throws {
        let stage = try adapted()
        let tail = try #require(stage.tier2.tail(of: stream))
        for _ in 0..<2 { try stage.event(Self.offset) }
        #expect(stage.alarms == 2)
        #expect(try stage.say(#"{"id":"1","insight":"last","verdict":"normal"}"#).status == .accepted)
        try stage.save()
        let (cut, step) = (folder.file("cut.db"), stage.nextStep)
        try stage.cut(to: cut)
        for _ in 0..<3 { try stage.event(Self.offset) }
        #expect(stage.alarms == 2 && stage.decisions.isEmpty, "\(stage.insights)")
        stage.writer.close()

        let again = try restarted(cut, step: step)
        for _ in 0..<3 { try again.event(Self.offset) }
        #expect(again.alarms == 0 && again.decisions.isEmpty, "\(again.insights)")
        #expect(hasTail(again, tail))
        again.writer.close()
    }

    @Test func aTailThatIsKeptOverAReloadKeepsWhatPeopleSaid() throws {
        let stage = try adapted()
        try stage.event(Self.offset)
        #expect(try stage.say(#"{"id":"1","insight":"last","verdict":"normal"}"#).status == .accepted)
        let alarms = stage.alarms
        let report = try stage.test.adopt(
            [Tier2Stage.json], bundle: Tier2Stage.bundle,
            rest: #","adaptation":{"tier2":true,"alarms_per_week":0.5}"#)
        #expect(report.kept == 1)
        let learner = try #require(stage.tier2.scorer(of: stream)?.learner)
        #expect(learner.configuration.alarmsPerWeek == 0.5)
        #expect(!learner.lessons.isEmpty && learner.lessons == stage.test.stream.learner?.lessons)
        try stage.event(Self.offset)
        #expect(stage.alarms == alarms && stage.decisions.isEmpty, "\(stage.insights)")
        stage.writer.close()
    }

    @Test func whatGoesOnAndIsCalledNormalIsLearnedOnATailToo() throws {
        let stage = try adapted()
        let tail = try #require(stage.tier2.tail(of: stream))
        try stage.run(200)
        try stage.run(100, offset: Self.offset)
        #expect(stage.test.stream.status.anomaly)
        let answer = try stage.say(#"{"id":"1","insight":"last","verdict":"normal"}"#)
        #expect(answer.status == .accepted && answer.reason.contains("what the stream does now"), "\(answer)")
        try stage.run(500, offset: Self.offset)
        #expect(!stage.test.stream.status.anomaly)
        let alarms = stage.alarms
        try stage.run(1000, offset: Self.offset)
        #expect(stage.alarms == alarms)
        #expect(hasTail(stage, tail) && stage.decisions.isEmpty, "\(stage.decisions)")
        stage.writer.close()
    }
}

extension Tier2Stage {
    /// Forty steps that are higher, at the same place of the two shapes each time, and what follows.
    fileprivate func event(_ offset: Double) throws {
        try run(80 - nextStep % 80)
        try run(40, offset: offset)
        try run(120)
    }

    /// Says something to the agent, and waits for its answer.
    fileprivate func say(_ payload: String) throws -> FeedbackAnswer {
        let wakeup = Wakeup()
        let inbox = FeedbackInbox(prefix: "feedback/", wakeup: wakeup)
        var answer: FeedbackAnswer?
        let desk = FeedbackDesk(
            pipeline: test.pipeline, inbox: inbox, writer: writer, wakeup: wakeup, log: test.pipeline.log
        ) { _, payload in
            answer = try? PayloadJSON.decode(FeedbackAnswer.self, from: payload)
            return true
        }
        let isTaken = Array("feedback/\(Self.stream)".utf8).withUnsafeBytes { topic in
            Array(payload.utf8).withUnsafeBytes { inbox.take(topic: topic, payload: $0) }
        }
        #expect(isTaken)
        for _ in 0..<1000 where answer == nil {
            desk.work(now: Self.time(nextStep))
            _ = try writer.sync { _ in 0 }
        }
        return try #require(answer)
    }
}
