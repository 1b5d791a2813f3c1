import Control
import SedgeCore
import Testing

struct CanaryWatchTests {
    private let pump = try! StreamID("pump")

    /// Ten payloads and a hundredth of a core a second, as long as nobody changes that.
    private func reading(
        _ time: Double, _ edit: (inout CanaryReading) -> Void = { _ in }, alarms: (Double) -> UInt64 = { _ in 0 }
    ) -> CanaryReading {
        var reading = CanaryReading(
            time: time, isConnected: true, decoded: UInt64(time * 10), failed: 0, cpu: time * 0.01,
            memory: 20_000_000)
        edit(&reading)
        reading.streams[pump] = StreamReading(
            decoded: reading.decoded, failed: reading.failed, alarms: alarms(time), age: time, longestPause: 0.1)
        return reading
    }

    private func verdict(
        earlier: Bool = true, seconds: Double = 30, _ edit: (inout CanaryReading) -> Void = { _ in },
        alarms: (Double) -> UInt64 = { _ in 0 }
    ) -> (CanaryWatch.Verdict, at: Double) {
        var watch = CanaryWatch(
            seconds: seconds, earlier: earlier ? reading(40, alarms: alarms) : nil, start: reading(100, alarms: alarms))
        for second in 1...60 {
            let verdict = watch.observe(reading(100 + Double(second), edit, alarms: alarms))
            if verdict != .watching { return (verdict, Double(second)) }
        }
        return (.watching, 60)
    }

    @Test func passesWhenNothingIsWrong() {
        #expect(verdict() == (.passed, at: 30))
        #expect(verdict(earlier: false) == (.passed, at: 30))
    }

    @Test func failsWithoutItsBroker() {
        #expect(verdict { $0.isConnected = false } == (.failed("the broker was away for 16 s"), at: 16))
        #expect(verdict(seconds: 2) { $0.isConnected = false } == (.failed("the broker is not connected"), at: 2))
    }

    /// As after a power cut, or a start at the time that a change was sent for.
    @Test func aBrokerThatWasAwayBeforeMayTakeAWhile() {
        func verdict(after: Double) -> (CanaryWatch.Verdict, at: Double) {
            let isThere = { (reading: inout CanaryReading) in reading.isConnected = reading.time >= 100 + after }
            var watch = CanaryWatch(seconds: 30, earlier: nil, start: reading(100, isThere))
            for second in 1...700 {
                let verdict = watch.observe(reading(100 + Double(second), isThere))
                if verdict != .watching { return (verdict, Double(second)) }
            }
            return (.watching, 700)
        }
        #expect(verdict(after: 40) == (.passed, at: 70), "watched for as long as any other")
        #expect(verdict(after: 1000) == (.failed("the broker was away for 601 s"), at: 601))
        var watch = CanaryWatch(seconds: 30, earlier: nil, start: reading(100) { $0.isConnected = false })
        #expect(watch.observe(reading(101)) == .watching)
        let lost = watch.observe(reading(120) { $0.isConnected = false })
        #expect(lost == .failed("the broker was away for 19 s"), "once it was there, it is missed as ever")
    }

    @Test func theWorkOfPuttingItInIsNotHeldAgainstIt() {
        let start = reading(100)
        // Twenty seconds, a whole core.
        let begin = reading(120) { $0.cpu += 20 }
        var watch = CanaryWatch(seconds: 30, earlier: reading(40), start: start, begin: begin)
        var verdict = CanaryWatch.Verdict.watching
        for second in 1...30 {
            #expect(verdict == .watching, "\(second)")
            verdict = watch.observe(reading(120 + Double(second)) { $0.cpu += 20 })
        }
        #expect(verdict == .passed)
    }

    @Test func aProcessThatHasJustBegunIsNoMeasureOfCPU() {
        func verdict(earlier: Double?) -> CanaryWatch.Verdict {
            var watch = CanaryWatch(seconds: 30, earlier: earlier.map { reading($0) }, start: reading(100))
            return watch.observe(reading(110) { $0.cpu = 1 + ($0.time - 100) * 0.9 })
        }
        #expect(verdict(earlier: nil) == .watching)
        #expect(verdict(earlier: 50) == .watching)
        #expect(verdict(earlier: 40) != .watching)
    }

    @Test func aReconnectIsForgiven() {
        #expect(verdict { $0.isConnected = !(103..<113).contains($0.time) }.0 == .passed)
    }

    @Test func failsWhenSamplesStop() {
        #expect(verdict { $0.decoded = 1000 }.0 == .failed("no samples come any more"))
        #expect(verdict { $0 = withFailures($0, all: true) }.0 == .failed("no payload can be read any more"))
    }

    @Test func failsWhenPayloadsCanNotBeRead() {
        let half = verdict { $0 = withFailures($0, all: false) }
        #expect(half == (.failed("75 of 150 payloads can not be read"), at: 15))
        #expect(verdict(seconds: 86_400) { $0 = withFailures($0, all: false) }.at == 15, "not at the end alone")
    }

    private func withFailures(_ reading: CanaryReading, all: Bool) -> CanaryReading {
        var reading = reading
        let new = reading.decoded - 1000
        reading.failed = all ? new : new / 2
        reading.decoded -= reading.failed
        return reading
    }

    @Test func failsWhenItEatsTheMachine() {
        #expect(verdict { $0.memory = 100_000_000 } == (.failed("memory grew by 80 MB"), at: 1))
        let busy = verdict { $0.cpu = 1 + ($0.time - 100) * 0.905 }
        #expect(busy == (.failed("it takes 90 % of a core, before 1 %"), at: 5))
    }

    @Test func failsWithoutItsSelfTest() {
        let problem = "the encoder's self-test does not give its bytes"
        #expect(verdict { $0.passesSelfTest = false } == (.failed(problem), at: 1))
    }

    @Test func failsWhenAlarmsExplode() {
        #expect(verdict(alarms: { $0 > 100 ? 6 : 0 }) == (.failed("6 anomalies began within 1 s"), at: 1))
        #expect(verdict(alarms: { $0 > 100 ? 5 : 0 }).0 == .passed)
        #expect(verdict(alarms: { UInt64($0 / 2) }).0 == .passed, "as many as were usual")
    }
}
