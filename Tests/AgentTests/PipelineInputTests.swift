import Ingest
import SedgeCore
import Synchronization
import Testing

@testable import Agent

/// Payloads that are not as they were, in the pipeline as the agent runs it.
@Suite struct PipelineInputTests {
    private static let stream =
        #"{"topic":"t","id":"s","channels":{"x":"$.x","y":"$.y"},"time":"$.ts","reorder_window_ms":0,"hop":4}"#

    /// A stream that is ready, and a function that sends `count` further samples.
    private func ready() throws -> (PipelineUnderTest, (Int, (Double, Double) -> String) -> Void) {
        let test = try PipelineUnderTest(Self.stream, mqtt: #"{"state_interval_ms":0}"#)
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
        send(1500) { #""x":\#($0),"y":\#($1)"# }
        #expect(test.stream.status.phase == .ready)
        return (test, send)
    }

    private func details(_ test: PipelineUnderTest) -> [String?] {
        test.outlet.insights.withLock { $0.filter { $0.kind == .quality }.map(\.detail) }
    }

    @Test func aChannelThatVanishesIsSaidOnceAndTheStreamGoesOn() throws {
        let (test, send) = try ready()
        let before = test.outlet.states.withLock { $0.count }
        send(400) { x, _ in #""x":\#(x)"# }
        #expect(details(test) == ["missing-values"])
        #expect(test.outlet.states.withLock { $0.count } >= before + 100, "a state for every step")
        send(400) { #""x":\#($0),"y":\#($1)"# }
        #expect(details(test) == ["missing-values"])
        #expect(test.stream.status.phase == .ready)
        #expect(test.pipeline.decodeErrors == 0)
    }

    @Test func aSensorThatRepeatsOneValueIsSaidToBeStuck() throws {
        let (test, send) = try ready()
        send(400) { _, y in #""x":0.5,"y":\#(y)"# }
        #expect(details(test) == ["stuck-sensor"])
    }

    @Test func aSensorThatCutsItsRangeOffIsSaidToBeSaturated() throws {
        let (test, send) = try ready()
        // Above what it has shown so far, and for eight samples at a time.
        for _ in 0..<4 {
            send(8) { _, y in #""x":1.5,"y":\#(y)"# }
            send(40) { #""x":\#($0),"y":\#($1)"# }
        }
        #expect(details(test) == ["saturation"])
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
