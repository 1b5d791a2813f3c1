import Control
import SedgeCore
import Testing

@testable import Agent

/// What a canary is told of single streams.
@Suite struct StreamTallyTests {
    private let second: Int64 = 1_000_000_000

    @Test func pausesAndAlarmsAreForgottenAfterADay() {
        var tally = StreamTally()
        for time: Int64 in [0, 1, 2, 12, 13] { tally.arrived((100 + time) * second) }
        #expect(tally.reading(at: 114 * second).longestPause == 10)
        #expect(tally.reading(at: 114 * second).age == 14)
        #expect(tally.reading(at: 140 * second).longestPause == 27, "the present one counts")
        for _ in 0..<3 { tally.alarmed(114 * second) }
        #expect(tally.reading(at: 120 * second).alarmsLately == 3)
        tally.arrived(5000 * second)
        #expect(tally.reading(at: 5000 * second).longestPause == 4887)
        for time in stride(from: Int64(5010), through: 95_000, by: 10) { tally.arrived(time * second) }
        #expect(tally.reading(at: 95_000 * second).longestPause == 10)
        #expect(tally.reading(at: 200_000 * second).alarmsLately == 0)
        #expect(tally.reading(at: 200_000 * second).alarms == 3)
    }

    private static func stream(_ topic: String, _ path: String = "$.x", id: String? = nil) -> String {
        let name = id.map { #","id":"\#($0)""# } ?? ""
        return #"{"topic":"\#(topic)"\#(name),"channels":{"x":"\#(path)"}}"#
    }

    private func receive(_ test: PipelineUnderTest, _ count: Int, topic: String, _ payload: String = #"{"x":1}"#) {
        for index in 0..<count {
            test.receive(payload, topic: topic, arrival: Timestamp(milliseconds: 1_800_000_000_000 + Int64(index)))
        }
    }

    private func reading(_ test: PipelineUnderTest, _ stream: String) -> StreamReading? {
        test.pipeline.streams.first { $0.id.description == stream }?.tally.reading(at: 0)
    }

    @Test func countsGoOnUnderAnotherShapeAndAfterAnAbsence() throws {
        let test = try PipelineUnderTest(Self.stream("a/{stream}"))
        receive(test, 5, topic: "a/pump")
        #expect(reading(test, "pump")?.decoded == 5)
        let altered = try test.adopt([Self.stream("a/{stream}", "$.y")])
        #expect(altered.altered == altered.restarted && altered.moved.isEmpty && !altered.altered.isEmpty)
        receive(test, 3, topic: "a/pump")
        #expect(reading(test, "pump")?.decoded == 5 && reading(test, "pump")?.failed == 3)
        _ = try test.adopt([Self.stream("b/{stream}", "$.y")])
        #expect(reading(test, "pump") == nil)
        _ = try test.adopt([Self.stream("a/{stream}")])
        receive(test, 1, topic: "a/pump")
        #expect(reading(test, "pump")?.decoded == 6 && reading(test, "pump")?.failed == 3)
    }

    @Test func aStreamWhoseTableTakesAnotherTopicHasMovedAndOneWhoseTableGoesHasNot() throws {
        let test = try PipelineUnderTest(Self.stream("a/{stream}"))
        _ = try test.adopt([Self.stream("a/{stream}"), Self.stream("b/{stream}", "$.y")])
        receive(test, 1, topic: "a/pump")
        receive(test, 1, topic: "b/fan", #"{"y":1}"#)
        let gone = try test.adopt([Self.stream("a/{stream}")])
        #expect(gone.departed.map(\.description) == ["fan"] && gone.moved.isEmpty)
        let elsewhere = try test.adopt([Self.stream("c/{stream}")])
        #expect(elsewhere.departed.map(\.description) == ["pump"])
        #expect(elsewhere.moved.map(\.description) == ["pump"])
    }
}
