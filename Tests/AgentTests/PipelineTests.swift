import SedgeCore
import Preprocessing
import Store
import Synchronization
import Testing

@testable import Agent

@Suite struct PipelineTests {
    private static let number = #"{"topic":"t","id":"s","codec":"number","channels":{"x":"$"},"rate_hz":10}"#
    private static let json =
        #"{"topic":"t","id":"s","channels":{"x":"$.x"},"time":"$.ts","reorder_window_ms":0,"hop":4}"#

    private static func time(_ milliseconds: Int64) -> Timestamp {
        Timestamp(milliseconds: 1_800_000_000_000 + milliseconds)
    }

    private static func sample(_ index: Int, _ random: inout SeededRandom) -> String {
        #"{"ts":\#(time(Int64(index) * 100).milliseconds),"x":\#(random.uniform())}"#
    }

    /// Seed 7: a stream of noise, 100 ms apart.
    private func feed(_ test: PipelineUnderTest, _ range: Range<Int>) {
        var random = SeededRandom(seed: 7)
        for index in 0..<range.upperBound {
            let payload = Self.sample(index, &random)
            if range.contains(index) { test.receive(payload, arrival: Self.time(Int64(index) * 100)) }
        }
    }

    @Test func aRestoredPipelineGoesOnAsIfNothingHadHappened() throws {
        let states = #"{"state_interval_ms":0}"#
        let unbroken = try PipelineUnderTest(Self.json, mqtt: states)
        feed(unbroken, 0..<2000)
        let first = try PipelineUnderTest(Self.json, mqtt: states)
        feed(first, 0..<1500)
        let second = try PipelineUnderTest(
            Self.json, checkpoints: first.pipeline.checkpoints(includingLanes: true), mqtt: states)
        feed(second, 1500..<2000)
        let expected = unbroken.outlet.states.withLock { $0 }
        let found = first.outlet.states.withLock { $0 } + second.outlet.states.withLock { $0 }.dropFirst()
        #expect(Array(expected.suffix(100)) == Array(found.suffix(100)))
        #expect(expected.last?.phase == .ready)
    }

    /// A level that steps up and down, so that what the learner says changes what the normaliser takes in.
    @Test(arguments: [3, 100]) func answersDoNotDependOnHowManyMessagesAreReadAtOnce(_ count: Int) throws {
        var random = SeededRandom(seed: 8)
        let messages = (0..<4000).map { index in
            let value = random.uniform() + (index > 2500 && index % 300 > 250 ? 30 : 0)
            let time = Self.time(Int64(index) * 100)
            return (payload: #"{"ts":\#(time.milliseconds),"x":\#(value)}"#, arrival: time)
        }
        let single = try PipelineUnderTest(Self.json)
        for message in messages { single.receive([message]) }
        let several = try PipelineUnderTest(Self.json)
        for first in stride(from: 0, to: messages.count, by: count) {
            several.receive(Array(messages[first..<min(first + count, messages.count)]))
        }
        let expected = single.pipeline.checkpoints(includingLanes: true)
        let found = several.pipeline.checkpoints(includingLanes: true)
        #expect(expected.map(\.part) == found.map(\.part))
        for (one, other) in zip(expected, found) { #expect(one.data == other.data, "\(one.part)") }
        let insights = single.outlet.insights.withLock { $0 }.map { [$0.start, $0.end, $0.ts] }
        #expect(!insights.isEmpty)
        #expect(several.outlet.insights.withLock { $0 }.map { [$0.start, $0.end, $0.ts] } == insights)
    }

    @Test func aRenamedStreamDoesNotTakeAnothersPlace() throws {
        let test = try PipelineUnderTest(Self.number)
        #expect(!test.pipeline.revive(try StreamID("old"), topic: "t", lastSeen: Self.time(0), now: Self.time(0)))
        #expect(test.pipeline.revive(try StreamID("s"), topic: "t", lastSeen: Self.time(0), now: Self.time(0)))
        test.receive("1.5", arrival: Self.time(1))
        #expect(test.pipeline.streams.map(\.id.description) == ["s"])
        #expect(test.stream.preprocessor.counters.accepted == 1)
    }

    @Test func whatWasLearnedUnderAnotherShapeStartsAfresh() throws {
        let first = try PipelineUnderTest(Self.json)
        feed(first, 0..<1500)
        let other = Self.json.replacing(#""x":"$.x""#, with: #""x":"$.y""#)
        let second = try PipelineUnderTest(other, checkpoints: first.pipeline.checkpoints(includingLanes: true))
        _ = second.pipeline.revive(try StreamID("s"), topic: "t", lastSeen: Self.time(0), now: Self.time(0))
        #expect(second.stream.learner == nil)
        #expect(second.outlet.log.withLock { $0 }.contains("starts afresh"))
    }

    @Test func rowsUnderOneTimeAreAllKept() throws {
        let batch = #"{"topic":"t","id":"s","channels":{"x":"$.v[*]"},"time":"$.ts"}"#
        let test = try PipelineUnderTest(batch)
        for index in 0..<4 {
            let time = Self.time(Int64(index) * 1000)
            test.receive(#"{"ts":\#(time.milliseconds),"v":[1,2,3,4,5]}"#, arrival: time)
        }
        test.advance(seconds: 5, to: Self.time(10_000))
        #expect(test.stream.preprocessor.counters.samples == 20)
        #expect(test.stream.preprocessor.counters.duplicate == 0)
    }

    @Test func aRetainedSampleWithoutATimeIsLeftOut() throws {
        let test = try PipelineUnderTest(Self.number)
        test.receive("1.5", arrival: Self.time(0), isRetained: true)
        #expect(test.stream.preprocessor.counters.accepted == 0)
        #expect(test.stream.lastArrival == nil)
        test.receive("1.5", arrival: Self.time(1))
        #expect(test.stream.preprocessor.counters.accepted == 1)
    }

    @Test func maintenanceTeachesTheNormaliserNothing() throws {
        let muted = Self.json.replacing(#""hop":4"#, with: #""hop":4,"mute":["daily 00:00-24:00"]"#)
        let test = try PipelineUnderTest(muted)
        feed(test, 0..<100)
        guard case .robust(let normalizer) = test.stream.preprocessor.normalizer(of: 0) else {
            Issue.record("expected a robust normaliser")
            return
        }
        #expect(normalizer.count == 0)
        #expect(test.stream.status.phase == .muted)
    }

    @Test func futureTimesAreSaidOnceAndNotShown() throws {
        let test = try PipelineUnderTest(Self.json)
        for index in 0..<50 {
            let future = Self.time(Int64(index) * 100 + 3_600_000)
            test.receive(#"{"ts":\#(future.milliseconds),"x":1}"#, arrival: Self.time(Int64(index) * 100))
        }
        let said = test.outlet.insights.withLock { $0 }
        #expect(said.map(\.detail) == ["future-time"])
        #expect(said[0].kind == .quality && said[0].ts < Self.time(10_000))
        #expect(test.stream.status.ts < Self.time(10_000))
    }

    @Test func aStaleStreamIsBackWithItsFirstSample() throws {
        let test = try PipelineUnderTest(Self.json)
        feed(test, 0..<1500)
        #expect(test.stream.status.phase == .ready)
        test.advance(seconds: 400, to: Self.time(550_000))
        #expect(test.stream.status.phase == .stale)
        test.receive(#"{"ts":\#(Self.time(550_000).milliseconds),"x":0.5}"#, arrival: Self.time(550_000))
        #expect(test.stream.status.phase == .ready)
    }

    /// A broker sends it with every subscription, long after its sensor has died.
    @Test func aRetainedSampleThatIsKnownIsNoSignOfLife() throws {
        let test = try PipelineUnderTest(Self.json)
        feed(test, 0..<1500)
        test.advance(seconds: 400, to: Self.time(550_000))
        let (lastSeen, samples) = (test.stream.lastSeen, test.stream.preprocessor.counters.samples)
        for (index, time) in [149_900, 149_800, 100_000, 50_000, 10_000].enumerated() {
            let arrival = Self.time(550_000 + Int64(index) * 30_000)
            test.receive(#"{"ts":\#(Self.time(Int64(time)).milliseconds),"x":9}"#, arrival: arrival, isRetained: true)
        }
        #expect(test.stream.status.phase == .stale && test.stream.lastSeen == lastSeen)
        let counters = test.stream.preprocessor.counters
        #expect(counters.samples == samples && counters.clockJumps == 0 && counters.late == 0)
        let newer = Self.time(700_000)
        test.receive(#"{"ts":\#(newer.milliseconds),"x":0.5}"#, arrival: newer, isRetained: true)
        #expect(test.stream.status.phase == .ready && test.stream.lastSeen == newer)
    }

    /// A bridge that repeats the last value of a controller whose clock has stopped.
    @Test func aSourceWhoseClockStandsStillBecomesStale() throws {
        let test = try PipelineUnderTest(Self.json)
        feed(test, 0..<1500)
        let (lastSeen, known) = (test.stream.lastSeen, Self.time(149_900).milliseconds)
        for second in Int64(150)..<550 {
            test.receive(#"{"ts":\#(known),"x":\#(second)}"#, arrival: Self.time(second * 1000))
            test.advance(seconds: 1, to: Self.time(second * 1000))
        }
        #expect(test.stream.status.phase == .stale && test.stream.lastSeen == lastSeen)
        test.receive(#"{"ts":\#(Self.time(550_000).milliseconds),"x":0.5}"#, arrival: Self.time(550_000))
        #expect(test.stream.status.phase == .ready)
    }

    /// Two samples after a long outage say nothing of its length.
    @Test func aStreamThatComesBackForAMomentIsStaleSoon() throws {
        let test = try PipelineUnderTest(Self.json)
        let outage: Int64 = 2 * 86_400_000
        for time in [0, outage, outage + 10_000] {
            test.receive(#"{"ts":\#(Self.time(time).milliseconds),"x":1}"#, arrival: Self.time(time))
        }
        test.advance(seconds: 400, to: Self.time(outage + 410_000))
        #expect(test.stream.status.phase == .stale)
    }

    /// Two samples an hour, a minute apart.
    @Test func aStreamThatSendsInBurstsIsNotStaleBetweenThem() throws {
        let test = try PipelineUnderTest(Self.json)
        for hour in Int64(0)..<4 {
            for time in [hour * 3_600_000, hour * 3_600_000 + 60_000] {
                test.receive(#"{"ts":\#(Self.time(time).milliseconds),"x":1}"#, arrival: Self.time(time))
            }
        }
        test.advance(seconds: 3540, to: Self.time(4 * 3_600_000))
        #expect(test.stream.status.phase == .learning)
        test.advance(seconds: 8000, to: Self.time(7 * 3_600_000))
        #expect(test.stream.status.phase == .stale)
    }

    @Test(arguments: [(false, ["stuck-sensor", "clock-jump"]), (true, [])])
    func aMachineAtRestInMaintenanceIsNoFlaw(_ isMuted: Bool, _ expected: [String]) throws {
        let hop = #""hop":4"# + (isMuted ? #","mute":["daily 00:00-24:00"]"# : "")
        let test = try PipelineUnderTest(Self.json.replacing(#""hop":4"#, with: hop))
        feed(test, 0..<300)
        for index in Int64(300)..<700 {
            let time = Self.time(index * 100)
            test.receive(#"{"ts":\#(time.milliseconds),"x":0.5}"#, arrival: time)
        }
        for index in Int64(0)..<20 {
            let (time, arrival) = (Self.time(-9_000_000 + index * 100), Self.time(70_000 + index * 100))
            test.receive(#"{"ts":\#(time.milliseconds),"x":\#(index)}"#, arrival: arrival)
        }
        #expect(test.outlet.insights.withLock { $0.filter { $0.kind == .quality }.map(\.detail) } == expected)
    }

    @Test func aStreamThatWasNeverHeardBecomesStale() throws {
        let test = try PipelineUnderTest(Self.number)
        test.receive("1.5", arrival: Self.time(0), isRetained: true)
        test.advance(seconds: 1, to: Self.time(1000))
        #expect(test.stream.status.phase == .learning)
        test.advance(seconds: 301, to: Self.time(302_000))
        #expect(test.stream.status.phase == .stale)
    }

    /// As after a restart in the middle of a reorder window: what then goes on was heard in the life before.
    @Test func rowsThatWereWaitingDoNotMakeASilentStreamLive() throws {
        let waiting = Self.json.replacing(#""reorder_window_ms":0"#, with: #""reorder_window_ms":2000"#)
        let first = try PipelineUnderTest(waiting)
        feed(first, 0..<1500)
        let second = try PipelineUnderTest(waiting, checkpoints: first.pipeline.checkpoints(includingLanes: true))
        let lastSeen = Self.time(149_900)
        #expect(second.pipeline.revive(try StreamID("s"), topic: "t", lastSeen: lastSeen, now: Self.time(600_000)))
        let steps = second.stream.history.count
        second.advance(seconds: 5, to: Self.time(605_000))
        #expect(second.stream.history.count > steps, "they went on")
        #expect(second.stream.status.phase == .stale)
        second.receive(#"{"ts":\#(Self.time(606_000).milliseconds),"x":0.5}"#, arrival: Self.time(606_000))
        #expect(second.stream.status.phase == .ready)
    }

    /// A restart is no silence of the sensor.
    @Test(arguments: [(Int64(100), StreamPhase.ready), (299, .ready), (301, .stale), (-86_400, .ready)])
    func aStreamIsSilentAfterARestartIfItWasBefore(_ seconds: Int64, _ phase: StreamPhase) throws {
        let first = try PipelineUnderTest(Self.json)
        feed(first, 0..<1500)
        let second = try PipelineUnderTest(Self.json, checkpoints: first.pipeline.checkpoints(includingLanes: true))
        let lastSeen = Self.time(149_900)
        let now = lastSeen + seconds * 1_000_000
        #expect(second.pipeline.revive(try StreamID("s"), topic: "t", lastSeen: lastSeen, now: now))
        #expect(second.stream.status.phase == phase && second.stream.status.ts == lastSeen)
        #expect(second.stream.status.model == first.stream.status.model)
        #expect(second.stream.status.config == first.stream.status.config)
        second.advance(seconds: 1, to: now + 1_000_000)
        #expect(second.stream.status.phase == phase)
        // The silence before counts.
        let left = Double(301 - max(0, min(seconds, 300)))
        second.advance(seconds: left, to: now + Int64(left * 1e6))
        #expect(second.stream.status.phase == .stale)
    }

    @Test func anHourlyStreamIsNotSilentAfterARestartInTheHour() throws {
        let hourly = Self.json.replacing(#""hop":4"#, with: #""hop":1"#)
        let first = try PipelineUnderTest(hourly)
        for hour in 0..<5 {
            let time = Self.time(Int64(hour) * 3_600_000)
            first.receive(#"{"ts":\#(time.milliseconds),"x":\#(hour % 3)}"#, arrival: time)
        }
        let lastSeen = Self.time(4 * 3_600_000)
        for (hours, phase) in [(1, StreamPhase.learning), (4, .stale)] {
            let second = try PipelineUnderTest(
                hourly, checkpoints: first.pipeline.checkpoints(includingLanes: true))
            let now = lastSeen + Int64(hours) * 3_600_000_000
            #expect(second.pipeline.revive(try StreamID("s"), topic: "t", lastSeen: lastSeen, now: now))
            #expect(second.stream.status.phase == phase, "\(hours) hours")
        }
    }

    @Test func aSlowStreamIsNotStaleBetweenItsSamples() throws {
        let slow = Self.json.replacing(#""hop":4"#, with: #""hop":1,"rate_hz":0.001"#)
        let test = try PipelineUnderTest(slow)
        test.receive(#"{"ts":\#(Self.time(0).milliseconds),"x":1}"#, arrival: Self.time(0))
        test.advance(seconds: 1000, to: Self.time(1_000_000))
        #expect(test.stream.status.phase == .learning)
    }

    @Test func anOpenAnomalyTheLearnerForgotIsEnded() throws {
        let first = try PipelineUnderTest(Self.json)
        feed(first, 0..<1500)
        var checkpoints = first.pipeline.checkpoints(includingLanes: true)
        // As after a crash: the event was said after the learner was saved.
        let index = try #require(checkpoints.firstIndex { $0.part == "stream" })
        var snapshot = try StreamSnapshot(checkpoints[index].data)
        snapshot.openEvent = InsightPolicy.OpenEvent(id: "abc", start: Self.time(0), severity: 0.5)
        checkpoints[index] = Checkpoint(stream: checkpoints[index].stream, part: "stream", data: snapshot.bytes())
        let second = try PipelineUnderTest(Self.json, checkpoints: checkpoints)
        feed(second, 1500..<1520)
        let ended = try #require(second.outlet.insights.withLock { $0 }.first { $0.kind == .anomaly })
        #expect(ended.id == "abc" && ended.phase == .end)
        #expect(second.outlet.checkpoints.withLock { $0.count } == 1, "and that is saved at once")
    }
}
