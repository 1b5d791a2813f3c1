import Adaptation
import Preprocessing
import SedgeCore
import Testing

@testable import Agent

/// A change that is accepted for good, in the pipeline as the agent runs it.
@Suite struct PipelineBaselineTests {
    private static let stream =
        #"{"topic":"t","id":"s","channels":{"x":"$.x","y":"$.y"},"time":"$.ts","reorder_window_ms":0,"hop":4}"#

    /// A stream whose `x` has been higher by 40 until an alarm went on, and a function that goes on so.
    private func changed() throws -> (PipelineUnderTest, (Int) -> Void) {
        let test = try PipelineUnderTest(Self.stream)
        var random = SeededRandom(seed: 12)
        var index: Int64 = 0
        func send(_ count: Int, offset: Double) {
            for _ in 0..<count {
                let time = Timestamp(milliseconds: 1_800_000_000_000 + index * 100)
                index += 1
                let (x, y) = (offset + random.uniform(), random.uniform())
                test.receive(#"{"ts":\#(time.milliseconds),"x":\#(x),"y":\#(y)}"#, arrival: time)
            }
        }
        send(2000, offset: 0)
        send(200, offset: 40)
        try #require(test.stream.status.anomaly)
        return (test, { send($0, offset: 40) })
    }

    @Test func whatIsAcceptedGetsANewBaselineAndTheOtherChannelKeepsIts() throws {
        let (test, send) = try changed()
        let before = (test.stream.preprocessor.unit(of: 0), test.stream.preprocessor.unit(of: 1))
        #expect(before.0.level < 5, "a fault is no level")
        test.stream.learner?.acceptPresentBehaviour()
        send(8)
        let after = (test.stream.preprocessor.unit(of: 0), test.stream.preprocessor.unit(of: 1))
        #expect(abs(after.0.level - 40.5) < 0.3 && (0.15...0.6).contains(after.0.scale), "\(after.0)")
        #expect(abs(after.1.level - before.1.level) < 0.05 && abs(after.1.scale / before.1.scale - 1) < 0.1)
    }

    @Test func whatNobodyAcceptsGetsNone() throws {
        let (test, send) = try changed()
        let before = test.stream.preprocessor.unit(of: 0)
        send(400)
        #expect(abs(test.stream.preprocessor.unit(of: 0).level - before.level) < 1)
    }
}
