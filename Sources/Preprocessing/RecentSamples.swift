import SedgeCore

/// A ring of the newest raw samples, for the context of insights.
struct RecentSamples: Sendable {
    private let channels: Int
    private let capacity: Int
    private var times: [Int64] = []
    private var values: [Double] = []  // (slot, channel)
    /// The slot that is overwritten next, once all are in use.
    private var oldest = 0

    init(capacity: Int, channels: Int) {
        self.capacity = capacity
        self.channels = channels
        times.reserveCapacity(capacity)
        values.reserveCapacity(capacity * channels)
    }

    mutating func append(time: Int64, _ cells: [Double]) {
        guard capacity > 0 else { return }
        if times.count < capacity {
            times.append(time)
            for cell in cells { values.append(cell) }
            return
        }
        times[oldest] = time
        for channel in 0..<channels { values[oldest * channels + channel] = cells[channel] }
        oldest = oldest + 1 == capacity ? 0 : oldest + 1
    }

    /// The newest `limit` samples, oldest first; `values` is (sample, channel), NaN where not measured.
    func newest(_ limit: Int) -> (times: [Timestamp], values: [[Double]]) {
        let slots = (0..<times.count).suffix(max(limit, 0)).map { (oldest + $0) % times.count }
        return (
            slots.map { Timestamp(microseconds: times[$0]) },
            slots.map { Array(values[($0 * channels)..<(($0 + 1) * channels)]) }
        )
    }

    func snapshot(into writer: inout SnapshotWriter) {
        let (times, values) = newest(capacity)
        writer.write(times.map(\.microseconds))
        writer.write(values.flatMap { $0 })
    }

    mutating func restore(from reader: inout SnapshotReader) throws(SnapshotError) {
        let times = try reader.readArray(Int64.self)
        let values = try reader.readDoubles(count: times.count * channels)
        // A ring that has become smaller keeps the newest.
        self.times = times.suffix(capacity)
        self.values = values.suffix(self.times.count * channels)
        oldest = 0
    }
}
