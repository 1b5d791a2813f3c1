package import SedgeCore

/// Rows of samples as a codec read them: a value per channel and a time each. Reused from payload to payload.
///
/// A time is one of three: microseconds since 1970; absent, when the payload had none; or relative to the arrival of
/// the payload (SenML). `resolveTimes` turns all of them into the first.
package struct SampleRows {
    /// Stands in `times` for a row without a time.
    package static let absentTime = Int64.min
    /// Rows that one payload may hold at most.
    package static let maximumCount = 65_536
    /// Values that one payload may hold at most (8 MiB).
    package static let maximumValues = 1 << 20

    package let channels: Int
    /// (rows): microseconds since 1970, `absentTime`, or what `relativeTime` returns.
    package private(set) var times: [Int64] = []
    /// (rows, channels): NaN is missing.
    package private(set) var values: [Double] = []
    /// Values that were there but are no finite number; they count as missing.
    package var unusableValues = 0

    package init(channels: Int) {
        precondition(channels > 0, "rows need a channel")
        self.channels = channels
    }

    package var count: Int { times.count }
    package var isEmpty: Bool { times.isEmpty }
    /// Rows that still fit in.
    package var room: Int { min(Self.maximumCount, Self.maximumValues / channels) - count }

    package subscript(row: Int, channel: Int) -> Double {
        get { values[row * channels + channel] }
        set { values[row * channels + channel] = newValue }
    }

    /// Appends a row in which every channel is missing.
    package mutating func appendRow(time: Int64 = absentTime) {
        times.append(time)
        for _ in 0..<channels { values.append(.nan) }
    }

    /// Appends rows that lie ready; `newValues` has the shape (rows, channels).
    mutating func append(times newTimes: some Sequence<Int64>, values newValues: UnsafeBufferPointer<Double>) {
        times.append(contentsOf: newTimes)
        values.append(contentsOf: newValues)
        assert(values.count == times.count * channels)
    }

    package mutating func setTime(_ time: Int64, of row: Int) { times[row] = time }

    /// Drops the rows from `count` on: what a payload left behind that proved to be broken.
    mutating func truncate(to count: Int) {
        times.removeLast(times.count - count)
        values.removeLast(values.count - count * channels)
    }

    /// Keeps what `body` appends, or nothing of it when it throws.
    mutating func allOrNothing(_ body: (inout SampleRows) throws(PayloadError) -> Void) throws(PayloadError) {
        let (first, unusable) = (count, unusableValues)
        do throws(PayloadError) {
            try body(&self)
        } catch {
            truncate(to: first)
            unusableValues = unusable
            throw error
        }
    }

    /// Empties the rows and keeps their storage, unless a rare large payload has blown it up.
    package mutating func removeAll() {
        let isLarge = values.capacity > Self.maximumValues / 16
        times.removeAll(keepingCapacity: !isLarge)
        values.removeAll(keepingCapacity: !isLarge)
        unusableValues = 0
    }
}

extension SampleRows {
    /// Relative times lie here, further in the past than any absolute one: before the year -140,000.
    private static let relativeOrigin = Int64.min / 2
    private static let relativeReach = Int64(1) << 52

    /// The time of a row that lies `offset` microseconds after the arrival of its payload (before it, if negative).
    package static func relativeTime(_ offset: Int64) -> Int64 {
        relativeOrigin + min(max(offset, -relativeReach), relativeReach)
    }

    /// Whether a row's time is absolute.
    package func hasTime(_ row: Int) -> Bool { times[row] > Self.relativeOrigin + Self.relativeReach }

    /// Makes all times absolute. A row without time lies one interval (microseconds) after the row before it; rows
    /// before the first that has one count back from it; and where none has any, the last came in at `arrival`.
    package mutating func resolveTimes(arrival: Timestamp, interval: Int64) {
        for row in times.indices where times[row] != Self.absentTime && !hasTime(row) {
            times[row] = arrival.microseconds &+ (times[row] - Self.relativeOrigin)
        }
        guard let first = times.firstIndex(where: { $0 != Self.absentTime }) else {
            for row in times.indices { times[row] = arrival.microseconds &- Int64(count - 1 - row) &* interval }
            return
        }
        for row in 0..<first { times[row] = times[first] &- Int64(first - row) &* interval }
        for row in first..<count where times[row] == Self.absentTime { times[row] = times[row - 1] &+ interval }
    }
}
