import Control
import SedgeCore
import Testing

/// One stream of many, of which the sums say nothing.
struct CanaryStreamTests {
    private static let count = 40
    private let one = try! StreamID("s7")
    private let all = (0..<count).map { try! StreamID("s\($0)") }

    /// Every stream brings ten payloads a second, as long as nobody changes that.
    private func reading(_ time: Double, _ edit: (inout [StreamID: StreamReading]) -> Void = { _ in }) -> CanaryReading
    {
        var streams: [StreamID: StreamReading] = [:]
        for id in all { streams[id] = StreamReading(decoded: UInt64(time * 10), age: time, longestPause: 0.1) }
        edit(&streams)
        return CanaryReading(
            time: time, isConnected: true, decoded: streams.values.reduce(0) { $0 + $1.decoded },
            failed: streams.values.reduce(0) { $0 + $1.failed }, cpu: time * 0.01, memory: 20_000_000,
            streams: streams)
    }

    private var touchesOne: TouchedStreams { TouchedStreams(altered: .these([one]), moved: .these([])) }
    private var movesOne: TouchedStreams { TouchedStreams(altered: .these([]), moved: .these([one])) }
    private var touchesAnother: TouchedStreams {
        TouchedStreams(altered: .these([all[0]]), moved: .these([all[0]]))
    }

    /// - Parameters:
    ///   - always: how the stream is by nature, by seconds since the start.
    ///   - since: what becomes of it after the change, by seconds since then.
    private func verdict(
        _ touched: TouchedStreams, always: (Double, inout StreamReading) -> Void = { _, _ in },
        since: (Double, inout StreamReading) -> Void
    ) -> (CanaryWatch.Verdict, at: Double) {
        func seen(_ time: Double) -> CanaryReading {
            reading(time) { streams in
                always(time, &streams[one]!)
                if time > 100 { since(time - 100, &streams[one]!) }
            }
        }
        var watch = CanaryWatch(seconds: 30, earlier: seen(40), start: seen(100), touched: touched)
        for second in 1...60 {
            let verdict = watch.observe(seen(100 + Double(second)))
            if verdict != .watching { return (verdict, Double(second)) }
        }
        return (.watching, 60)
    }

    // MARK: Payloads that can not be read

    private func unreadable(_ elapsed: Double, _ stream: inout StreamReading) {
        (stream.decoded, stream.failed) = (1000, UInt64(elapsed * 10))
    }

    @Test func oneThatCanNotBeReadAnyMoreTakesTheChangeBack() {
        let text = "150 of 150 payloads of stream s7 can not be read"
        #expect(verdict(touchesOne, since: unreadable) == (.failed(text), at: 15))
        #expect(verdict(.all, since: unreadable) == (.failed(text), at: 15))
        #expect(verdict(touchesAnother, since: unreadable).0 == .passed, "it is not the change's doing")
    }

    @Test func ofASlowOneAFewAreEnough() {
        let slow = { (time: Double, stream: inout StreamReading) in
            (stream.decoded, stream.longestPause) = (UInt64(min(time, 100) / 10), 10)
        }
        let (failed, _) = verdict(touchesOne, always: slow) { $1.failed = UInt64($0 / 5) }
        #expect(failed == .failed("3 of 3 payloads of stream s7 can not be read"))
        #expect(verdict(touchesOne, always: slow) { $1.failed = UInt64($0 / 14) }.0 == .passed)
    }

    @Test func oneThatWasHardToReadBeforeDoesNot() {
        let half = { (time: Double, stream: inout StreamReading) in
            (stream.decoded, stream.failed) = (UInt64(time * 5), UInt64(time * 5))
        }
        #expect(verdict(touchesOne, always: half) { _, _ in }.0 == .passed)
        // Nor one that nobody could ever read.
        let never = { (time: Double, stream: inout StreamReading) in
            (stream.decoded, stream.failed) = (0, UInt64(time * 10))
        }
        #expect(verdict(touchesOne, always: never) { _, _ in }.0 == .passed)
    }

    // MARK: Silence

    private func silent(_ elapsed: Double, _ stream: inout StreamReading) { stream.decoded = 1000 }

    @Test func oneThatIsNotHeardUnderItsNewTopicTakesTheChangeBack() {
        #expect(verdict(movesOne, since: silent) == (.failed("no samples of stream s7 come any more"), at: 15))
        #expect(verdict(touchesOne, since: silent).0 == .passed, "its topic is the same: nothing has silenced it")
        #expect(verdict(touchesAnother, since: silent).0 == .passed)
    }

    @Test func oneThatIsSilentByNatureDoesNot() {
        #expect(verdict(movesOne, always: { $1.longestPause = 60 }, since: silent).0 == .passed, "it pauses")
        #expect(verdict(movesOne, always: { $1.age = 5 }, since: silent).0 == .passed, "nobody knows it yet")
        #expect(verdict(movesOne, always: { $1.decoded = 3 }, since: { _, _ in }).0 == .passed, "it never came")
    }

    @Test func silenceCountsFromTheConnectionOn() {
        func seen(_ time: Double) -> CanaryReading {
            var seen = reading(min(time, 100))
            seen.time = time
            seen.isConnected = time <= 100 || time > 113
            return seen
        }
        var watch = CanaryWatch(seconds: 60, earlier: seen(40), start: seen(100))
        let verdicts = (1...30).map { watch.observe(seen(100 + Double($0))) }
        #expect(verdicts.firstIndex(of: .failed("no samples come any more")) == 18, "five seconds after it was back")
        #expect(verdicts.prefix(18).allSatisfy { $0 == .watching })
    }

    @Test func streamsOfOtherNamesUnderTheNewTopicAreWhatWasAskedFor() throws {
        var watch = CanaryWatch(seconds: 10, earlier: reading(40), start: reading(100), touched: movesOne)
        let new = try StreamID("north-7")
        let last = watch.observe(
            reading(110) { streams in
                streams[one] = nil
                streams[new] = StreamReading(decoded: 100, age: 10, longestPause: 0.1)
            })
        #expect(last == .passed)
        var alone = CanaryWatch(seconds: 10, earlier: reading(40), start: reading(100), touched: movesOne)
        #expect(
            alone.observe(reading(110) { $0[one] = nil }) == .failed("no samples of stream s7 come any more"))
    }

    // MARK: Alarms

    @Test func oneWhoseAlarmsExplodeTakesTheChangeBackThoughOthersAreNoisy() {
        func seen(_ time: Double, _ more: UInt64 = 0) -> CanaryReading {
            reading(time) { streams in
                for id in all where id != one {
                    streams[id]?.alarms = UInt64(time)
                    streams[id]?.alarmsLately = 50
                }
                streams[one]?.alarms = more
            }
        }
        var watch = CanaryWatch(seconds: 30, earlier: seen(40), start: seen(100))
        #expect(watch.observe(seen(105, 5)) == .watching)
        #expect(watch.observe(seen(106, 6)) == .failed("6 anomalies of stream s7 began within 6 s"))
        var untouched = CanaryWatch(seconds: 30, earlier: seen(40), start: seen(100), touched: touchesAnother)
        #expect(untouched.observe(seen(130, 600)) == .passed)
    }

    @Test func oneThatHadAlarmsBeforeDoesNot() {
        // Twice a minute, and twelve within this minute.
        let often = { (time: Double, stream: inout StreamReading) in stream.alarms = UInt64(min(time, 100) / 10) }
        #expect(verdict(touchesOne, always: often) { $1.alarms = 10 + UInt64($0 / 5) * 2 }.0 == .passed)
        #expect(verdict(touchesOne, always: often) { $1.alarms = 10 + UInt64($0 * 2) }.0 != .passed)
        // Seldom, but then many.
        let bursts = { (time: Double, stream: inout StreamReading) in (stream.alarms, stream.alarmsLately) = (9, 9) }
        #expect(verdict(touchesOne, always: bursts) { $1.alarms = 9 + UInt64($0 / 4) }.0 == .passed)
    }
}
