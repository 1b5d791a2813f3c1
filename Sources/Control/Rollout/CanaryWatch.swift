import SedgeCore

/// Watches a node for a while after a change and says whether the change may stay. Pure: readings come in.
///
/// The node is judged as a whole, and by itself every stream that the change touches: among many one that breaks shows
/// in no sum.
package struct CanaryWatch: Hashable, Sendable {
    package enum Verdict: Hashable, Sendable {
        case watching
        case passed
        case failed(String)
    }

    let limits: CanaryLimits
    let seconds: Double
    let touched: TouchedStreams
    /// The last reading before the change, and one from some time before that.
    let first: CanaryReading
    let earlier: CanaryReading?
    /// Streams that are judged one by one.
    let judged: [StreamID]
    /// Per second, before the change; nil where too little was seen.
    private let before: Rates?
    private var lastConnected: Double
    /// Since when the broker has been there without a break.
    private var connectedSince: Double?
    private var wasConnected = false

    private struct Rates: Hashable, Sendable {
        var failureShare: Double
        var cpu: Double
    }

    /// - Parameters:
    ///   - seconds: how long to watch.
    ///   - earlier: a reading from before, as far back as there is one; nil: the process has just begun.
    ///   - start: the last reading before the change.
    ///   - touched: what the change does to streams.
    package init(
        seconds: Double, earlier: CanaryReading?, start: CanaryReading, touched: TouchedStreams = .all,
        limits: CanaryLimits = CanaryLimits()
    ) {
        self.limits = limits
        self.seconds = seconds
        self.touched = touched
        first = start
        judged = start.streams.keys.filter(touched.contains).sorted()
        lastConnected = start.time
        connectedSince = start.isConnected ? start.time : nil
        self.earlier = earlier.flatMap { start.time - $0.time >= 1 ? $0 : nil }
        before = self.earlier.map { earlier in
            let decoded = start.decoded &- earlier.decoded
            let failed = start.failed &- earlier.failed
            return Rates(
                failureShare: decoded + failed == 0 ? 0 : Double(failed) / Double(decoded + failed),
                cpu: (start.cpu - earlier.cpu) / (start.time - earlier.time))
        }
    }

    package mutating func observe(_ reading: CanaryReading) -> Verdict {
        let elapsed = reading.time - first.time
        guard reading.passesSelfTest else { return .failed("the encoder's self-test does not give its bytes") }
        if reading.isConnected {
            lastConnected = reading.time
            connectedSince = connectedSince ?? reading.time
            wasConnected = true
        } else {
            connectedSince = nil
        }
        let outage = reading.time - lastConnected
        if outage > min(limits.outage, seconds) { return .failed("the broker was away for \(Int(outage)) s") }
        if let problem = resources(reading, elapsed) ?? alarms(reading, elapsed) { return .failed(problem) }
        // Not at the end alone: a canary may take a day.
        if elapsed >= min(limits.outage, seconds) {
            let listening = connectedSince.map { reading.time - $0 } ?? 0
            if let problem = samples(reading, listening) ?? streams(reading, listening) { return .failed(problem) }
        }
        guard elapsed >= seconds else { return .watching }
        // At the end it must be there: a short canary may be over before an outage is long.
        guard reading.isConnected, wasConnected else { return .failed("the broker is not connected") }
        return .passed
    }

    private func resources(_ reading: CanaryReading, _ elapsed: Double) -> String? {
        let grown = reading.memory - first.memory
        if grown > limits.memory { return "memory grew by \(grown / 1_000_000) MB" }
        // The change itself takes a moment of work.
        guard elapsed >= min(5, seconds / 2), elapsed > 0 else { return nil }
        let cpu = (reading.cpu - first.cpu) / elapsed * 100
        let usual = (before?.cpu ?? 0) * 100
        return cpu - usual > limits.cpuPercent ? "it takes \(Int(cpu)) % of a core, before \(Int(usual)) %" : nil
    }

    private func samples(_ reading: CanaryReading, _ listening: Double) -> String? {
        let decoded = reading.decoded &- first.decoded
        let failed = reading.failed &- first.failed
        if decoded == 0, failed == 0, first.streams.values.contains(where: { isMissed($0, after: listening) }) {
            return "no samples come any more"
        }
        guard decoded + failed >= limits.minimumPayloads else { return nil }
        let share = Double(failed) / Double(decoded + failed)
        guard share - (before?.failureShare ?? 0) > limits.decodeFailures else { return nil }
        return decoded == 0
            ? "no payload can be read any more" : "\(failed) of \(decoded + failed) payloads can not be read"
    }
}
