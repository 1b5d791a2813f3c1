import Preprocessing
import SedgeCore
import Store
import Synchronization
import Testing

@testable import Agent

/// Streams that are odd from their first sample on, and clocks that are, in the pipeline as the agent runs it. A million
/// equal samples go through the real agent (`BadInputTests` of the integration tests), since steps take a while here.
@Suite struct PipelineBadInputTests {
    private static let stream =
        #"{"topic":"t","id":"s","channels":{"x":"$.x","y":"$.y"},"time":"$.ts","reorder_window_ms":0,"hop":4}"#

    /// Sends samples a tenth of a second apart.
    private final class Source {
        let test: PipelineUnderTest
        /// Of the gateway, and how far the source's lies ahead; milliseconds.
        var clock: Int64 = 1_800_000_000_000
        var ahead: Int64 = 0
        var random = SeededRandom(seed: 14)

        init(checkpoints: [Checkpoint] = []) throws {
            test = try PipelineUnderTest(
                PipelineBadInputTests.stream, checkpoints: checkpoints, mqtt: #"{"state_interval_ms":0}"#)
        }

        func send(_ count: Int, _ values: (inout SeededRandom) -> (Double, Double) = { ($0.uniform(), $0.uniform()) }) {
            for _ in 0..<count {
                let (x, y) = values(&random)
                test.receive(
                    #"{"ts":\#(clock + ahead),"x":\#(x),"y":\#(y)}"#, arrival: Timestamp(milliseconds: clock))
                clock += 100
            }
        }

        var insights: [Insight] { test.outlet.insights.withLock { $0 } }
        var states: [StreamStatus] { test.outlet.states.withLock { $0 } }
    }

    @Test func oneSampleIsALearningStreamThatGoesOnAfterARestart() throws {
        let source = try Source()
        source.send(1)
        source.test.advance(seconds: 3600, to: Timestamp(milliseconds: source.clock + 3_600_000))
        #expect(source.test.pipeline.streams.count == 1 && source.insights.isEmpty)
        #expect(source.states.first?.phase == .learning && source.test.stream.status.phase == .stale)
        let again = try Source(checkpoints: source.test.pipeline.checkpoints(includingLanes: true))
        let time = Timestamp(milliseconds: source.clock)
        #expect(again.test.pipeline.revive(try StreamID("s"), topic: "t", lastSeen: time, now: time))
        again.clock = source.clock + 1000
        again.send(1600)
        #expect(again.test.stream.status.phase == .ready && again.insights.allSatisfy { $0.kind != .anomaly })
    }

    /// Constant from the start: it is how they are. When one of them moves at last, that is news.
    @Test func constantChannelsAreNoAnomalyAndTheirFirstMoveIs() throws {
        let source = try Source()
        source.send(4000) { _ in (5, -3) }
        #expect(source.test.stream.status.phase == .ready)
        #expect(source.insights.allSatisfy { $0.kind == .state }, "\(source.insights.map(\.kind))")
        #expect(source.states.allSatisfy { $0.score?.isFinite ?? true })
        source.send(100) { (5 + $0.uniform(), -3) }
        #expect(source.test.stream.status.anomaly)
        let start = try #require(source.insights.first { $0.kind == .anomaly })
        #expect(start.channels?["x"] ?? 0 > 0.9, "\(String(describing: start.channels))")
        #expect(source.states.allSatisfy { $0.score?.isFinite ?? true })
    }

    @Test func aConstantChannelBesideOneThatLivesLeavesItsScoresAlone() throws {
        let source = try Source()
        source.send(4000) { ($0.uniform(), 7) }
        #expect(source.test.stream.status.phase == .ready && source.insights.allSatisfy { $0.kind == .state })
        source.send(100) { (40 + $0.uniform(), 7) }
        #expect(source.insights.first { $0.kind == .anomaly }?.channels?["x"] ?? 0 > 0.9)
    }

    /// The source's clock goes back an hour and forth again; then both clocks leap a day ahead, and back.
    @Test func clocksThatJumpBackAndForthAreSaidOnceAndRaiseNoAlarm() throws {
        let source = try Source()
        source.send(2000)
        #expect(source.test.stream.status.phase == .ready)
        let jumps: [(clock: Int64, ahead: Int64)] = [
            (0, -3_600_000), (0, 0), (86_400_000, 0), (-86_400_000, 0), (0, -60_000), (0, 30_000),
        ]
        for (number, jump) in jumps.enumerated() {
            source.clock += jump.clock
            source.ahead = jump.ahead
            source.send(400)
            let behind = source.clock + source.ahead - source.test.stream.status.ts.milliseconds
            #expect((0...1000).contains(behind), "jump \(number): the state is \(behind) ms behind")
            #expect(source.test.stream.status.phase == .ready, "jump \(number)")
        }
        let kinds = source.insights.filter { $0.kind != .state }
        #expect(kinds.map(\.detail) == ["clock-jump"], "\(kinds.map { ($0.kind, $0.detail) })")
        let counters = source.test.stream.preprocessor.counters
        #expect(counters.clockJumps == 3 && counters.late == 3 * 15, "\(counters)")
        #expect(source.states.allSatisfy { $0.score?.isFinite ?? true })
    }

    /// A source whose every second sample comes from a clock that is a day behind.
    @Test func twoClocksInOneStreamStopNothing() throws {
        let source = try Source()
        source.send(2000)
        for _ in 0..<400 {
            source.ahead = -86_400_000
            source.send(1)
            source.ahead = 0
            source.send(1)
        }
        #expect(source.test.stream.status.phase == .ready && source.states.allSatisfy { $0.score?.isFinite ?? true })
        #expect(source.test.stream.preprocessor.counters.late == 400)
        #expect(source.insights.allSatisfy { $0.kind != .anomaly })
    }

    /// `x` becomes what `y` was and the other way round: other channels under old names.
    @Test func channelsThatChangePlacesAreAnAnomalyAndNoEnd() throws {
        let source = try Source()
        source.send(2000) { ($0.uniform(), 100 + 10 * $0.uniform()) }
        source.send(200) { (100 + 10 * $0.uniform(), $0.uniform()) }
        #expect(source.test.stream.status.anomaly)
        source.send(2000) { ($0.uniform(), 100 + 10 * $0.uniform()) }
        #expect(source.test.stream.status.phase == .ready && !source.test.stream.status.anomaly)
    }
}
