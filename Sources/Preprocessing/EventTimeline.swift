import SedgeCore

/// Decides at which event time a row stands, and which rows come too late. Times are microseconds.
struct EventTimeline: Sendable {
    enum Placement: Equatable {
        case at(Int64)
        /// Its time has been passed; to be dropped.
        case late
        /// The source's clock has gone back for good: begin anew at this time.
        case restart(at: Int64)
    }

    /// Newest time placed; nil before the first.
    private(set) var newest: Int64?
    /// Rows before this time can not be used any more.
    var released = Int64.min
    /// Whether rows bring times of their own. Rows that do not come in order and need not wait.
    private(set) var hasOwnTimes = false
    /// Late rows since the last that was not.
    private var lateRun = 0
    private var lateSince: Int64 = 0

    /// 16 late rows in a row, or 3 in a minute without any other, are a clock that was set back, not stragglers.
    private static let lateRows = 16
    private static let fewLateRows = 3
    private static let lateSpan: Int64 = 60_000_000
    /// Arrivals so close together may be one instant by a coarse clock.
    private static let coarseness: Int64 = 1000
    /// 36,000 years: keeps sums of times from overflowing.
    static let largest: Int64 = 1 << 60

    private static let largestBatch = 1 << 20
    /// 12 days; times the largest batch this is still within the largest time.
    private static let longestPeriod = 0x1p40

    /// - Parameters:
    ///   - row: index of the row among the `count` of its payload that share `time` (the newest row's) or `arrival`.
    ///   - period: microseconds between samples, where known; need not be whole.
    ///   - isFuture: set when `time` lies further than `tolerance` after the arrival and is not used.
    mutating func place(
        time: Timestamp?, arrival: Timestamp, row: Int, count: Int, period: Double?, isExact: Bool, tolerance: Int64,
        isFuture: inout Bool
    ) -> Placement {
        let arrival = Self.clamp(arrival)
        var end = arrival
        var isOwn = false
        if let time {
            let claimed = Self.clamp(time)
            if claimed - arrival > tolerance {
                isFuture = true
            } else {
                end = claimed
                isOwn = true
                hasOwnTimes = true
            }
        }
        let after = min(max(count - 1 - row, 0), Self.largestBatch)
        let back = period.map { Int64((Double(after) * min($0, Self.longestPeriod)).rounded()) }
        let placed = Self.clamp(
            isOwn && (count == 1 || isExact)
                ? end - (back ?? 0) : spread(end: end, after: Int64(after), back: back))
        guard placed < released else {
            lateRun = 0
            newest = max(newest ?? placed, placed)
            return .at(placed)
        }
        if lateRun == 0 { lateSince = arrival }
        lateRun += 1
        let span = arrival - lateSince
        guard lateRun >= Self.lateRows || (lateRun >= Self.fewLateRows && span >= Self.lateSpan) else { return .late }
        lateRun = 0
        newest = placed
        released = .min
        return .restart(at: placed)
    }

    /// A row of a batch that ends at `end`, with `after` rows behind it: `back` before the end, where the period is
    /// known, but always after everything before it. (Batches that arrive a little early would overlap otherwise.)
    private func spread(end: Int64, after: Int64, back: Int64?) -> Int64 {
        let ideal = end - (back ?? after)
        guard let newest else { return ideal }
        if back != nil && ideal > newest { return ideal }
        let room = end - newest
        if room > after { return newest + room / (after + 1) }
        // Two payloads at one instant are two samples; a clock that went back is another matter.
        return room > -Self.coarseness ? newest + 1 : end
    }

    /// Times from outside may be anything.
    static func clamp(_ time: Timestamp) -> Int64 { clamp(time.microseconds) }

    private static func clamp(_ time: Int64) -> Int64 { max(-largest, min(largest, time)) }

    func snapshot(into writer: inout SnapshotWriter) {
        writer.write(newest != nil)
        writer.write(newest ?? 0)
        writer.write(released)
        writer.write(hasOwnTimes)
        writer.write(Int64(lateRun))
        writer.write(lateSince)
    }

    mutating func restore(from reader: inout SnapshotReader) throws(SnapshotError) {
        let hasNewest = try reader.readBool()
        let newest = try reader.read(Int64.self)
        self.newest = hasNewest ? newest : nil
        released = try reader.read(Int64.self)
        hasOwnTimes = try reader.readBool()
        lateRun = Int(try reader.read(Int64.self))
        lateSince = try reader.read(Int64.self)
        guard abs(clamping: newest) <= Self.largest, abs(clamping: lateSince) <= Self.largest,
            released == .min || abs(clamping: released) <= Self.largest, (0..<Self.lateRows).contains(lateRun)
        else { throw .impossible("event times \(newest), \(released), \(lateSince), late run \(lateRun)") }
    }
}

private func abs(clamping value: Int64) -> Int64 { value == .min ? .max : Swift.abs(value) }
