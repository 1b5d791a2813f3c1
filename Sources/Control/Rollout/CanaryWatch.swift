/// Watches a node for a while after a change and says whether the change may stay. Pure: readings come in.
package struct CanaryWatch: Hashable, Sendable {
    package enum Verdict: Hashable, Sendable {
        case watching
        case passed
        case failed(String)
    }

    private let limits: CanaryLimits
    private let seconds: Double
    /// Per second, before the change; nil where too little was seen.
    private let before: Rates?
    private let first: CanaryReading
    private var lastConnected: Double
    private var wasConnected = false

    private struct Rates: Hashable, Sendable {
        var decoded: Double
        var failureShare: Double
        var cpu: Double
        var alarms: Double
    }

    /// - Parameters:
    ///   - seconds: how long to watch.
    ///   - earlier: a reading from before, as far back as there is one; nil: the process has just begun.
    ///   - start: the last reading before the change.
    package init(seconds: Double, earlier: CanaryReading?, start: CanaryReading, limits: CanaryLimits = CanaryLimits())
    {
        self.limits = limits
        self.seconds = seconds
        first = start
        lastConnected = start.time
        before = earlier.flatMap { earlier in
            let span = start.time - earlier.time
            guard span >= 1 else { return nil }
            let decoded = start.decoded &- earlier.decoded
            let failed = start.failed &- earlier.failed
            return Rates(
                decoded: Double(decoded) / span,
                failureShare: decoded + failed == 0 ? 0 : Double(failed) / Double(decoded + failed),
                cpu: (start.cpu - earlier.cpu) / span, alarms: Double(start.alarms &- earlier.alarms) / span)
        }
    }

    package mutating func observe(_ reading: CanaryReading) -> Verdict {
        let elapsed = reading.time - first.time
        guard reading.passesSelfTest else { return .failed("the encoder's self-test does not give its bytes") }
        if reading.isConnected {
            lastConnected = reading.time
            wasConnected = true
        }
        let outage = reading.time - lastConnected
        if outage > min(limits.outage, seconds) { return .failed("the broker was away for \(Int(outage)) s") }
        if let problem = resources(reading, elapsed) ?? alarms(reading, elapsed) { return .failed(problem) }
        guard elapsed >= seconds else { return .watching }
        // At the end it must be there: a short canary may be over before an outage is long.
        guard reading.isConnected, wasConnected else { return .failed("the broker is not connected") }
        if let problem = samples(reading, elapsed) { return .failed(problem) }
        return .passed
    }

    private func resources(_ reading: CanaryReading, _ elapsed: Double) -> String? {
        let grown = reading.memory - first.memory
        if grown > limits.memory { return "memory grew by \(grown >> 20) MiB" }
        // The change itself takes a moment of work.
        guard elapsed >= min(5, seconds / 2), elapsed > 0 else { return nil }
        let cpu = (reading.cpu - first.cpu) / elapsed * 100
        let usual = (before?.cpu ?? 0) * 100
        return cpu - usual > limits.cpuPercent ? "it takes \(Int(cpu)) % of a core, before \(Int(usual)) %" : nil
    }

    private func alarms(_ reading: CanaryReading, _ elapsed: Double) -> String? {
        let count = reading.alarms &- first.alarms
        let usual = (before?.alarms ?? 0) * elapsed
        guard count > limits.alarms, Double(count) > usual * limits.alarmFactor else { return nil }
        return "\(count) anomalies began within \(Int(elapsed)) s"
    }

    private func samples(_ reading: CanaryReading, _ elapsed: Double) -> String? {
        let decoded = reading.decoded &- first.decoded
        let failed = reading.failed &- first.failed
        // Where samples were frequent enough to be missed within this time.
        if decoded == 0, let before, before.decoded * elapsed >= Double(limits.minimumPayloads) {
            return failed == 0 ? "no samples come any more" : "no payload can be read any more"
        }
        guard decoded + failed >= limits.minimumPayloads else { return nil }
        let share = Double(failed) / Double(decoded + failed)
        guard share - (before?.failureShare ?? 0) > limits.decodeFailures else { return nil }
        return "\(failed) of \(decoded + failed) payloads can not be read"
    }
}
