import SedgeCore
import Testing
import TestSupport

@testable import Agent

/// Labels that can not be, and labels that contradict each other.
extension FeedbackDeskTests {
    @Test func labelsForTimesNeverSeenAreRefusedAndTheStreamGoesOn() throws {
        let office = try Office(TemporaryFolder())
        office.feed(2000)
        let now = office.now.milliseconds
        let spans: [(Int64, Int64, String)] = [
            (now + 3_600_000, now + 3_660_000, "no step is remembered"),
            (now - 86_400_000, now - 86_300_000, "no step is remembered"), (0, 1, "no step is remembered"),
            (now - 1000, now - 20_000, ""), (-5, .max, ""), (.min, .max, ""),
        ]
        for (number, span) in spans.enumerated() {
            let answer = try office.say(#"{"id":"\#(number)","label":"x","from":\#(span.0),"to":\#(span.1)}"#)
            guard !span.2.isEmpty || answer.status == .rejected else { continue }
            #expect(answer.status == .rejected && answer.reason.contains(span.2), "\(span): \(answer)")
        }
        office.feed(400)
        #expect(office.test.stream.status.phase == .ready && office.test.stream.status.score?.isFinite == true)
        _ = office.stop()
    }

    /// The same noise is called one thing and another in turn, by two people of whom each is sure.
    @Test func labelsThatContradictEachOtherAreNotTold() throws {
        let office = try Office(TemporaryFolder())
        office.feed(2000)
        for number in 0..<8 {
            let from = Self.time(120_000 + Int64(number) * 9000).milliseconds
            let name = number % 2 == 0 ? "idle" : "busy"
            let label = #"{"id":"\#(number)","label":"\#(name)","from":\#(from),"to":\#(from + 8000)}"#
            #expect(try office.say(label).status == .accepted)
        }
        let overlap = Self.time(121_000).milliseconds
        let answer = try office.say(#"{"id":"n","label":"busy","from":\#(overlap),"to":\#(overlap + 2000)}"#)
        #expect(answer.status == .rejected && answer.reason.contains("\"idle\" of feedback \"0\""), "\(answer)")
        var told: [String: Int] = [:]
        for _ in 0..<100 {
            office.feed(8)
            told[office.test.stream.status.label ?? "", default: 0] += 1
        }
        #expect(told["", default: 0] > 60, "\(told)")
        #expect(office.test.stream.status.phase == .ready && office.test.stream.status.score?.isFinite == true)
        _ = office.stop()
    }

    /// Somebody calls a time normal, somebody else the same time an anomaly: the first stands until it is taken back.
    @Test func verdictsThatContradictEachOtherAreRefusedUntilOneIsTakenBack() throws {
        let office = try Office(TemporaryFolder())
        office.feed(2000)
        let (from, to) = (Self.time(150_000).milliseconds, Self.time(160_000).milliseconds)
        func verdict(_ id: String, _ verdict: String, _ shift: Int64 = 0) throws -> FeedbackAnswer {
            try office.say(#"{"id":"\#(id)","verdict":"\#(verdict)","from":\#(from + shift),"to":\#(to + shift)}"#)
        }
        #expect(try verdict("1", "normal").status == .accepted)
        let refused = try verdict("2", "anomaly", 5000)
        #expect(refused.status == .rejected && refused.reason.contains("\"1\""), "\(refused)")
        #expect(try verdict("3", "anomaly", 20_000).status == .accepted, "another time")
        #expect(try office.say(#"{"id":"4","revoke":"1"}"#).status == .revoked)
        #expect(try verdict("5", "anomaly").status == .accepted)
        office.feed(400)
        #expect(office.test.stream.status.phase == .ready)
        _ = office.stop()
    }

    /// Samples and the watchdog have their turn between.
    @Test func aFloodIsWorkedOffInTurns() throws {
        let office = try Office(TemporaryFolder())
        Array("sedge/n/feedback/s".utf8).withUnsafeBytes { topic in
            Array("{}".utf8).withUnsafeBytes { payload in
                for _ in 0..<40 { _ = office.inbox.take(topic: topic, payload: payload) }
            }
        }
        var turns = 0
        while !office.desk.isIdle, turns < 10 {
            office.desk.work(now: office.now)
            turns += 1
        }
        #expect(turns == 3)
        _ = office.stop()
    }
}
