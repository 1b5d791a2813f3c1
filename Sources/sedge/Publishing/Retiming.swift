import SedgeCore

/// Chooses when a series that is played now begins.
enum Retiming {
    /// The event time of the first sample: now, or as much earlier as playing faster than real time needs so that
    /// no sample lies in the future when it is sent and the last one lies at the time it is sent.
    static func start(now: Timestamp, duration: Int64, pace: Pace, count: Int) -> Timestamp {
        now + -max(0, duration - pace.playingTime(duration: duration, count: count))
    }
}
