import SedgeCore

/// Rows waiting for earlier ones, sorted by event time; rows of one time merge.
struct ReorderBuffer: Sendable {
    private let channels: Int
    private var times: [Int64] = []
    private var arrivals: [Int64] = []
    private var values: [Double] = []  // (row, channel)
    /// Rows before it have been taken out.
    private var head = 0

    /// A source with thousands of rows in the window would wait for its stragglers at any price; this is the price.
    static let capacity = 4096

    init(channels: Int) {
        self.channels = channels
    }

    var count: Int { times.count - head }
    var firstTime: Int64 { times[head] }
    var firstArrival: Int64 { arrivals[head] }

    func firstValue(_ channel: Int) -> Double { values[head * channels + channel] }

    mutating func removeFirst() {
        head += 1
        if head == times.count {
            times.removeAll(keepingCapacity: true)
            arrivals.removeAll(keepingCapacity: true)
            values.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 64 && head * 2 >= times.count {
            times.removeFirst(head)
            arrivals.removeFirst(head)
            values.removeFirst(head * channels)
            head = 0
        }
    }

    /// Beyond this a value is taken as this, so that no sum overflows; far beyond any unit's use.
    private static let largest = 1e150

    /// What is not finite is missing. Returns whether a row of this time was there; then the new row's measurements
    /// replace its, one by one.
    mutating func insert(time: Int64, arrival: Int64, values row: Span<Double>) -> Bool {
        var index = times.count
        while index > head && times[index - 1] > time { index -= 1 }
        if index > head && times[index - 1] == time {
            let start = (index - 1) * channels
            for channel in 0..<channels where row[channel].isFinite {
                values[start + channel] = Self.cell(row[channel])
            }
            arrivals[index - 1] = max(arrivals[index - 1], arrival)
            return true
        }
        times.insert(time, at: index)
        arrivals.insert(arrival, at: index)
        let start = index * channels
        let end = values.count
        for _ in 0..<channels { values.append(.nan) }
        var from = end
        while from > start {
            from -= 1
            values[from + channels] = values[from]
        }
        for channel in 0..<channels { values[start + channel] = Self.cell(row[channel]) }
        return false
    }

    private static func cell(_ value: Double) -> Double {
        value.isFinite ? max(-largest, min(largest, value)) : .nan
    }

    func snapshot(into writer: inout SnapshotWriter) {
        writer.write(Array(times[head...]))
        writer.write(Array(arrivals[head...]))
        writer.write(Array(values[(head * channels)...]))
    }

    mutating func restore(from reader: inout SnapshotReader) throws(SnapshotError) {
        let times = try reader.readArray(Int64.self)
        let arrivals = try reader.readArray(Int64.self, count: times.count)
        let values = try reader.readDoubles(count: times.count * channels)
        guard zip(times, times.dropFirst()).allSatisfy(<) else { throw .impossible("waiting rows are not in order") }
        let range = -EventTimeline.largest...EventTimeline.largest
        guard times.allSatisfy(range.contains), arrivals.allSatisfy(range.contains) else {
            throw .impossible("waiting rows lie outside of time")
        }
        (self.times, self.arrivals, self.values, head) = (times, arrivals, values, 0)
    }
}
