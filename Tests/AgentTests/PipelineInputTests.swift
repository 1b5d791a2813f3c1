import Ingest
import SedgeCore
import Synchronization
import TestSupport
import Testing

@testable import Agent

/// Payloads that are not as they were, in the pipeline as the agent runs it.
@Suite struct PipelineInputTests {
    private static let stream =
        #"{"topic":"t","id":"s","channels":{"x":"$.x","y":"$.y"},"time":"$.ts","reorder_window_ms":0,"hop":4}"#

    /// A stream that is ready, and a function that sends `count` further samples.
    private func ready(
        _ stream: String = Self.stream
    ) throws -> (PipelineUnderTest, (Int, (Double, Double) -> String) -> Void) {
        let test = try PipelineUnderTest(stream, mqtt: #"{"state_interval_ms":0}"#)
        var random = SeededRandom(seed: 11)
        var index: Int64 = 0
        func send(_ count: Int, _ members: (Double, Double) -> String) {
            for _ in 0..<count {
                let time = Timestamp(milliseconds: 1_800_000_000_000 + index * 100)
                index += 1
                let payload = #"{"ts":\#(time.milliseconds),\#(members(random.uniform(), random.uniform()))}"#
                test.receive(payload, arrival: time)
            }
        }
        send(1500) { #""x":\#($0),"y":\#($1),"z":\#($0 + $1)"# }
        #expect(test.stream.status.phase == .ready)
        return (test, send)
    }

    private func flaws(_ test: PipelineUnderTest) -> [Insight] {
        test.outlet.insights.withLock { $0.filter { $0.kind == .quality } }
    }

    private func details(_ test: PipelineUnderTest) -> [String?] { flaws(test).map(\.detail) }

    @Test func whatBecomesNoStreamIsCountedAcrossReloads() throws {
        let stream = #"{"topic":"t/{stream}","channels":{"x":"$.x"}}"#
        let test = try PipelineUnderTest(stream)
        let now = Timestamp(milliseconds: 1_800_000_000_000)
        for number in 0..<StreamTable.limit + 3 { test.receive(#"{"x":1}"#, topic: "t/\(number)", arrival: now) }
        #expect(test.pipeline.streams.count == StreamTable.limit && test.pipeline.unassigned == 3)
        _ = try test.adopt([stream])
        test.receive(#"{"x":1}"#, topic: "t/", arrival: now)
        #expect(test.pipeline.unassigned == 4)
    }

    @Test func aChannelThatVanishesIsSaidOnceAndTheStreamGoesOn() throws {
        let (test, send) = try ready()
        let before = test.outlet.states.withLock { $0.count }
        send(400) { x, _ in #""x":\#(x)"# }
        #expect(details(test) == ["missing-values"] && flaws(test).last?.channels == ["y": 1])
        #expect(test.outlet.states.withLock { $0.count } >= before + 100, "a state for every step")
        send(400) { #""x":\#($0),"y":\#($1)"# }
        #expect(details(test) == ["missing-values"])
        #expect(test.stream.status.phase == .ready)
        #expect(test.pipeline.decodeErrors == 0)
    }

    @Test func aSensorThatRepeatsOneValueIsSaidToBeStuck() throws {
        let (test, send) = try ready()
        send(400) { _, y in #""x":0.5,"y":\#(y)"# }
        #expect(details(test) == ["stuck-sensor"] && flaws(test).last?.channels == ["x": 1])
        // The other one an instant later is news of its own, and the first sticks still.
        send(400) { _, _ in #""x":0.5,"y":0.25"# }
        #expect(details(test) == ["stuck-sensor", "stuck-sensor"] && flaws(test).last?.channels == ["y": 1])
    }

    @Test func channelsThatVanishTogetherAreNamedTogether() throws {
        let (test, send) = try ready(Self.stream.replacing(#""y":"$.y""#, with: #""y":"$.y","z":"$.z""#))
        send(100) { x, y in #""z":\#(x + y)"# }
        #expect(details(test) == ["missing-values"] && flaws(test).last?.channels == ["x": 0.5, "y": 0.5])
    }

    @Test func aFlawOfTheStreamsTimesNamesNoChannel() throws {
        let (test, send) = try ready()
        let now = Timestamp(milliseconds: 1_800_000_150_000)
        test.receive(#"{"ts":\#(now.milliseconds + 900_000),"x":0.5,"y":0.5}"#, arrival: now)
        #expect(details(test) == ["future-time"] && flaws(test).last?.channels == nil)
        send(10) { #""x":\#($0),"y":\#($1)"# }
    }

    @Test func thePayloadOfAFlawNamesItsChannelAndFitsItsSchema() throws {
        let (test, send) = try ready()
        send(400) { _, y in #""x":0.5,"y":\#(y)"# }
        let payload = PayloadJSON.encode(try #require(flaws(test).last))
        #expect(String(decoding: payload, as: UTF8.self).contains(#""channels":{"x":1}"#))
        #expect(try Self.schema().problems(in: payload).isEmpty)
    }

    private static func schema(file: String = #filePath) throws -> SchemaValidator {
        let root = file.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
        return try SchemaValidator(schema: TestFile.read("\(root)/docs/schema/insight.json"))
    }

    @Test func aSensorThatCutsItsRangeOffIsSaidToBeSaturated() throws {
        let (test, send) = try ready()
        // Above what it has shown so far, and for eight samples at a time.
        for _ in 0..<4 {
            send(8) { _, y in #""x":1.5,"y":\#(y)"# }
            send(40) { #""x":\#($0),"y":\#($1)"# }
        }
        #expect(details(test) == ["saturation"] && flaws(test).last?.channels == ["x": 1])
    }

    @Test func aChannelThatNobodyNamedIsPassedOver() throws {
        let (test, send) = try ready()
        send(100) { #""x":\#($0),"z":{"deep":[1,2,3]},"y":\#($1)"# }
        #expect(details(test).isEmpty && test.pipeline.decodeErrors == 0)
        #expect(test.stream.status.phase == .ready)
    }

    @Test(arguments: [#""x":NaN,"y":1"#, #""x":Infinity,"y":1"#, #""x":1e999,"y":1"#])
    func whatIsNoNumberIsCountedAndTheStreamGoesOn(_ members: String) throws {
        let (test, send) = try ready()
        let decoded = test.pipeline.decoded
        send(50) { _, _ in members }
        let counters = test.stream.decodeCounters
        #expect(test.pipeline.decodeErrors + counters.unusableValues >= 50)
        #expect(test.pipeline.decoded + test.pipeline.decodeErrors == decoded + 50)
        send(400) { #""x":\#($0),"y":\#($1)"# }
        let last = test.outlet.states.withLock { $0.last }
        #expect(last?.phase == .ready && last?.score?.isFinite == true)
    }
}
