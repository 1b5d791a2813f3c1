package import SedgeCore

/// What has been decoded of one stream and what could not be, and whether to say so.
package struct DecodeCounters: Sendable, Equatable {
    /// Payloads that were read.
    package private(set) var payloads: UInt64 = 0
    package private(set) var rows: UInt64 = 0
    /// Values that were there but no finite numbers.
    package private(set) var unusableValues: UInt64 = 0
    /// Payloads that could not be read.
    package private(set) var failures: UInt64 = 0
    /// Failures since the last that was logged, that one left out.
    package private(set) var unlogged: UInt64 = 0
    private var byReason = [UInt64](repeating: 0, count: PayloadError.Reason.allCases.count)
    private var lastLog: Timestamp?

    package init() {}

    package mutating func recordPayload(rows: Int, unusableValues: Int) {
        payloads += 1
        self.rows += UInt64(rows)
        self.unusableValues += UInt64(unusableValues)
    }

    package mutating func record(_ error: PayloadError) {
        failures += 1
        unlogged += 1
        byReason[error.reason.rawValue] += 1
    }

    package func failures(_ reason: PayloadError.Reason) -> UInt64 { byReason[reason.rawValue] }

    /// Whether a failure may be logged now: once a minute. A clock that was set back does not silence the log.
    package mutating func shouldLog(now: Timestamp) -> Bool {
        if let lastLog, (0..<60_000_000).contains(now - lastLog) { return false }
        lastLog = now
        unlogged = 0
        return true
    }
}
