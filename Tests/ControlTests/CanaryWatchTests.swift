import Control
import Testing

struct CanaryWatchTests {
    /// Ten payloads and a hundredth of a core a second, as long as nobody changes that.
    private func reading(_ time: Double, _ edit: (inout CanaryReading) -> Void = { _ in }) -> CanaryReading {
        var reading = CanaryReading(
            time: time, isConnected: true, decoded: UInt64(time * 10), failed: 0, cpu: time * 0.01, memory: 20 << 20,
            alarms: 0)
        edit(&reading)
        return reading
    }

    private func verdict(
        earlier: Bool = true, seconds: Double = 30, _ edit: (inout CanaryReading) -> Void = { _ in }
    ) -> (CanaryWatch.Verdict, at: Double) {
        var watch = CanaryWatch(seconds: seconds, earlier: earlier ? reading(40) : nil, start: reading(100))
        for second in 1...60 {
            let verdict = watch.observe(reading(100 + Double(second), edit))
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

    @Test func aReconnectIsForgiven() {
        #expect(verdict { $0.isConnected = !(103..<113).contains($0.time) }.0 == .passed)
    }

    @Test func failsWhenSamplesStop() {
        #expect(verdict { $0.decoded = 1000 }.0 == .failed("no samples come any more"))
        #expect(verdict { $0 = withFailures($0, all: true) }.0 == .failed("no payload can be read any more"))
    }

    @Test func failsWhenPayloadsCanNotBeRead() {
        #expect(verdict { $0 = withFailures($0, all: false) }.0 == .failed("150 of 300 payloads can not be read"))
    }

    private func withFailures(_ reading: CanaryReading, all: Bool) -> CanaryReading {
        var reading = reading
        let new = reading.decoded - 1000
        reading.failed = all ? new : new / 2
        reading.decoded -= reading.failed
        return reading
    }

    @Test func failsWhenItEatsTheMachine() {
        #expect(verdict { $0.memory = 100 << 20 } == (.failed("memory grew by 80 MiB"), at: 1))
        let busy = verdict { $0.cpu = 1 + ($0.time - 100) * 0.905 }
        #expect(busy == (.failed("it takes 90 % of a core, before 1 %"), at: 5))
    }

    @Test func failsWithoutItsSelfTest() {
        let problem = "the encoder's self-test does not give its bytes"
        #expect(verdict { $0.passesSelfTest = false } == (.failed(problem), at: 1))
    }

    @Test func failsWhenAlarmsExplode() {
        #expect(verdict { $0.alarms = 6 } == (.failed("6 anomalies began within 1 s"), at: 1))
        #expect(verdict { $0.alarms = 5 }.0 == .passed)
    }
}
