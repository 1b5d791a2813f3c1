import SedgeCore

/// The usual time between rows that keep no declared rate: an exponential mean over 32, unmoved by pauses.
struct TypicalInterval: Sendable {
    private var last: Int64?
    private var mean = 0.0
    private var count: Int64 = 0

    /// In microseconds; nil until it can be told.
    var microseconds: Int64? { count >= 16 ? Int64(mean) : nil }

    /// Whether the row comes after a pause of more than `limit` usual intervals. Takes the row in.
    mutating func isAfterGap(_ time: Int64, limit: Int) -> Bool {
        defer { last = time }
        guard let last else { return false }
        let interval = Double(time - last)
        let isGap = count >= 16 && interval > Double(limit) * max(mean, 1)
        count = min(count + 1, 1 << 40)
        // A rate that really changes must be learned in the end, so a pause counts a little.
        let bounded = count > 16 ? min(interval, 2 * max(mean, 1)) : interval
        mean += (bounded - mean) / Double(min(count, 32))
        return isGap
    }

    /// The clock was set: the next interval means nothing.
    mutating func forgetLast() { last = nil }

    func snapshot(into writer: inout SnapshotWriter) {
        writer.write(last != nil)
        writer.write(last ?? 0)
        writer.write(mean)
        writer.write(count)
    }

    mutating func restore(from reader: inout SnapshotReader) throws(SnapshotError) {
        let hasLast = try reader.readBool()
        let time = try reader.read(Int64.self)
        last = hasLast ? time : nil
        mean = try reader.readDouble()
        count = try reader.read(Int64.self)
        guard (0...4e18).contains(mean), (0...1 << 40).contains(count), (-(1 << 60)...(1 << 60)).contains(time) else {
            throw .impossible("interval of \(mean) µs after \(count) rows")
        }
    }
}
