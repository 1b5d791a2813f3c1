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
    /// When the trial began, and the seconds of CPU time by then: putting a change to work takes work, too.
    private var beginTime: Double
    private var beginCPU: Double
    /// The broker was not there before the change, and has not come since: that is not its doing.
    private var isAwaitingBroker: Bool
    private var lastConnected: Double
    /// Since when the broker has been there without a break.
    private var connectedSince: Double?
    private var wasConnected = false

    private struct Rates: Hashable, Sendable {
        var failureShare: Double
        /// Nil: it was seen for too short a time.
        var cpu: Double?
    }

    /// - Parameters:
    ///   - seconds: how long to watch.
    ///   - earlier: a reading from before, as far back as there is one; nil: the process has just begun.
    ///   - start: the last reading before the change.
    ///   - begin: the first one after it; nil: `start`.
    ///   - touched: what the change does to streams.
    package init(
        seconds: Double, earlier: CanaryReading?, start: CanaryReading, begin: CanaryReading? = nil,
        touched: TouchedStreams = .all, limits: CanaryLimits = CanaryLimits()
    ) {
        let begin = begin ?? start
        self.limits = limits
        self.seconds = seconds
        self.touched = touched
        first = start
        judged = start.streams.keys.filter(touched.contains).sorted()
        beginTime = begin.time
        beginCPU = begin.cpu
        isAwaitingBroker = !start.isConnected
        lastConnected = begin.time
        connectedSince = begin.isConnected ? begin.time : nil
        self.earlier = earlier.flatMap { start.time - $0.time >= 1 ? $0 : nil }
        before = self.earlier.map { earlier in
            let decoded = start.decoded &- earlier.decoded
            let failed = start.failed &- earlier.failed
            let span = start.time - earlier.time
            return Rates(
                failureShare: decoded + failed == 0 ? 0 : Double(failed) / Double(decoded + failed),
                cpu: span >= limits.usualSpan ? (start.cpu - earlier.cpu) / span : nil)
        }
    }

    package mutating func observe(_ reading: CanaryReading) -> Verdict {
        guard reading.passesSelfTest else { return .failed("the encoder's self-test does not give its bytes") }
        if reading.isConnected {
            // Without it there was little to see, so the trial begins now.
            if isAwaitingBroker { (isAwaitingBroker, beginTime, beginCPU) = (false, reading.time, reading.cpu) }
            lastConnected = reading.time
            connectedSince = connectedSince ?? reading.time
            wasConnected = true
        } else {
            connectedSince = nil
        }
        let elapsed = reading.time - beginTime
        let outage = reading.time - lastConnected
        let patience = isAwaitingBroker ? limits.firstConnection : min(limits.outage, seconds)
        if outage > patience { return .failed("the broker was away for \(Int(outage)) s") }
        if let problem = resources(reading, elapsed) ?? alarms(reading, reading.time - first.time) {
            return .failed(problem)
        }
        // Not at the end alone: a canary may take a day.
        if elapsed >= min(limits.outage, seconds) {
            let listening = connectedSince.map { reading.time - $0 } ?? 0
            if let problem = samples(reading, listening) ?? streams(reading, listening) { return .failed(problem) }
        }
        guard elapsed >= seconds, !isAwaitingBroker else { return .watching }
        // At the end it must be there: a short canary may be over before an outage is long.
        guard reading.isConnected, wasConnected else { return .failed("the broker is not connected") }
        return .passed
    }

    private func resources(_ reading: CanaryReading, _ elapsed: Double) -> String? {
        let grown = reading.memory - first.memory
        if grown > limits.memory { return "memory grew by \(grown / 1_000_000) MB" }
        // What follows from the change at once takes a moment of work.
        guard elapsed >= min(5, seconds / 2), elapsed > 0, let before = before?.cpu else { return nil }
        let cpu = (reading.cpu - beginCPU) / elapsed * 100
        let usual = before * 100
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
