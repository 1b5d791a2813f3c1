import SedgeCore
import Testing

@testable import sedge

@Suite struct DemoTests {
    private func event(
        _ stream: String, _ ts: Int64, kind: String = "anomaly", phase: String = "start"
    ) -> DemoBoard.Event {
        DemoBoard.Event(stream: stream, kind: kind, phase: phase, ts: ts)
    }

    private func verdict(_ events: [DemoBoard.Event], insights: Int = 3, checkpoints: Int = 9) -> DemoVerdict {
        DemoVerdict(
            events: events, worn: "pump-1", faultStart: 1000, insightsStored: insights,
            checkpointsStored: checkpoints)
    }

    @Test func passesWhenTheFaultAloneWasReported() {
        let passed = verdict([event("pump-1", 500, kind: "state", phase: "point"), event("pump-1", 1250)])
        #expect(passed.problems == [])
        #expect(passed.delay == 250)
    }

    @Test func failsWithoutTheFault() {
        #expect(verdict([event("room-1", 1200)]).problems == ["the fault was not reported"])
    }

    @Test func failsOnAnAlarmBeforeTheFaultOnAnyStream() throws {
        let failed = verdict([event("room-1", 900), event("pump-1", 1100)])
        #expect(try #require(failed.problems.first).contains("room-1"))
    }

    @Test func failsOnAnEmptyDatabase() {
        #expect(verdict([event("pump-1", 1100)], insights: 0, checkpoints: 0).problems.count == 2)
    }

    @Test func theBoardShowsWhatTheBrokerSent() throws {
        var board = DemoBoard()
        board.received(topic: "sedge/demo/availability", payload: Array("online".utf8))
        var status = StreamStatus(ts: Timestamp(milliseconds: 5), phase: .ready, anomaly: true)
        status.score = 4.5
        status.state = "state-2"
        board.received(topic: "sedge/demo/state/pump-1", payload: PayloadJSON.encode(status))
        var insight = Insight(
            id: "a", kind: .anomaly, phase: .start, node: try NodeID("demo"), stream: try StreamID("pump-1"),
            ts: Timestamp(milliseconds: 7))
        insight.channels = ["vibration": 0.9, "current": 0.1]
        let event = board.received(topic: "sedge/demo/insight/anomaly/pump-1", payload: PayloadJSON.encode(insight))
        #expect(board.availability == "online")
        #expect(board.streams["pump-1"]?.score == 4.5)
        #expect(board.streams["pump-1"]?.isAnomalous == true)
        #expect(event?.topChannel == "vibration")
        #expect(board.events == [try #require(event)])
    }

    @Test(arguments: ["", "sedge", "sedge/demo", "sedge/demo/state", "other/x/y/z"])
    func foreignTopicsChangeNothing(topic: String) {
        var board = DemoBoard()
        board.received(topic: topic, payload: [1, 2, 3])
        #expect(board.streams.isEmpty && board.events.isEmpty)
    }

    @Test func numbersAreRoundedToTheirDecimals() {
        #expect(fixed(1.255, 1) == "1.3")
        #expect(fixed(-0.04, 1) == "0.0")
        #expect(fixed(-2.5, 0) == "-3")
        #expect(fixed(12.05, 2) == "12.05")
        #expect(fixed(1e300, 2) == "1e+300" && fixed(-.infinity, 1) == "-inf" && fixed(.nan, 1) == "nan")
    }

    @Test func theWholeStoryFitsIntoTheTimeGiven() {
        let script = DemoScript()
        for seconds in [15.0, 60, 300] {
            #expect(script.simulatedSeconds / script.speed(in: seconds) < seconds - 3)
        }
    }
}
