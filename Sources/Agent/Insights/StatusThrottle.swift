import SedgeCore

/// Decides when a stream's state is published: at once when what it says changed, else when the interval is over.
struct StatusThrottle {
    private let interval: Int64
    private var last: StreamStatus?
    private var lastTime: Int64 = .min / 2

    init(intervalMS: Int) { interval = Int64(intervalMS) * 1_000_000 }

    /// `now` in nanoseconds on a clock that never jumps.
    func isDue(_ status: StreamStatus, now: Int64) -> Bool {
        guard let last else { return true }
        guard status != last else { return false }
        return now - lastTime >= interval || status.phase != last.phase || status.anomaly != last.anomaly
            || status.state != last.state || status.drift != last.drift || status.model != last.model
            || status.config != last.config
    }

    mutating func published(_ status: StreamStatus, now: Int64) {
        last = status
        lastTime = now
    }

    /// What the broker holds is unknown: the next state is due at once.
    mutating func forget() { last = nil }
}
