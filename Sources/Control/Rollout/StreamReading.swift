/// What a canary sees of one stream at one moment. Totals count since the process started.
package struct StreamReading: Hashable, Sendable {
    /// Payloads that were read, and those that could not be.
    package var decoded: UInt64
    package var failed: UInt64
    /// Anomalies that began, and those of them that began within the last day or two.
    package var alarms: UInt64
    package var alarmsLately: UInt64
    /// Seconds since it was first heard.
    package var age: Double
    /// Seconds: the longest silence of the last day, the present one included.
    package var longestPause: Double

    package init(
        decoded: UInt64, failed: UInt64 = 0, alarms: UInt64 = 0, alarmsLately: UInt64 = 0, age: Double,
        longestPause: Double
    ) {
        self.decoded = decoded
        self.failed = failed
        self.alarms = alarms
        self.alarmsLately = alarmsLately
        self.age = age
        self.longestPause = longestPause
    }

    /// What was counted between two readings.
    struct Counts {
        var decoded: UInt64
        var failed: UInt64
        var alarms: UInt64

        var payloads: UInt64 { decoded + failed }

        /// Share of payloads that could not be read.
        var failureShare: Double { payloads == 0 ? 0 : Double(failed) / Double(payloads) }
    }

    var counts: Counts { Counts(decoded: decoded, failed: failed, alarms: alarms) }

    /// Since an earlier reading; all there is where counting has begun anew.
    func counts(since earlier: StreamReading) -> Counts {
        guard decoded >= earlier.decoded, failed >= earlier.failed, alarms >= earlier.alarms else { return counts }
        return Counts(
            decoded: decoded - earlier.decoded, failed: failed - earlier.failed, alarms: alarms - earlier.alarms)
    }
}
