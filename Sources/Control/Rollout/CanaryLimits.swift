/// What a change may do to a node while it is watched. Defaults are wide: a canary is there for what breaks, not for
/// what is a little slower.
package struct CanaryLimits: Hashable, Sendable {
    /// Seconds that the broker may be away, for a reconnect; samples are judged from then on.
    package var outage = 15.0
    /// Seconds that it may take to come where it was not there before the change, as after a power cut.
    package var firstConnection = 600.0
    /// Share of payloads that can not be read, above what it was before.
    package var decodeFailures = 0.2
    /// Payloads below which no share is judged.
    package var minimumPayloads: UInt64 = 20
    /// Payloads of one stream that say enough when none of them can be read.
    package var minimumUnread: UInt64 = 3
    /// How many times as long as its longest pause a stream may be silent, and seconds that it may be silent anyway.
    package var pauseFactor = 3.0
    package var silence = 5.0
    /// Percent of one core, above what it was before, and seconds that must have been seen for that to be known: a
    /// process that has just begun says little.
    package var cpuPercent = 50.0
    package var usualSpan = 60.0
    /// Bytes of memory above what it was before.
    package var memory: Int64 = 64_000_000
    /// Alarms beyond which their number is judged, and how many times what was usual is too many.
    package var alarms: UInt64 = 5
    package var alarmFactor = 5.0

    package init() {}
}
