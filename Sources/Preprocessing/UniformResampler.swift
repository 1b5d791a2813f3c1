import SedgeCore

/// Turns rows in order of event time into samples on a uniform grid, causally.
///
/// The grid begins at the first row, and again at the first after a gap, so rows that keep the rate pass unchanged. A
/// sample leaves when a row reaches the end of its bin: about half a period plus the wait for that row after its time.
/// Channels that a row leaves out keep their own lines: such a channel's cell is NaN where it has no measurement.
struct UniformResampler: Sendable {
    private var grid: GridClock
    private let maxGap: Int64
    private var channels: [ChannelInterpolant]
    private var isAnchored = false
    private var isBroken = false
    /// Event time and arrival of the newest row taken in.
    private(set) var lastTime: Int64 = 0
    private(set) var lastArrival: Int64 = 0
    /// The row being taken in.
    private var rowTime: Int64 = 0
    private var rowArrival: Int64 = 0
    private var row: [Double]
    private var hasRow = false

    init(rateHz: Double, maxGap: Int, channels: Int) {
        grid = GridClock(rateHz: rateHz)
        // At most 1000 years, so that it can be added to times.
        self.maxGap = Int64(min((Double(maxGap) * 1e6 / rateHz).rounded(.up), 3e16))
        self.channels = Array(repeating: ChannelInterpolant(), count: channels)
        row = Array(repeating: .nan, count: channels)
    }

    /// Gives in the next row; then call `next` until it returns nil.
    mutating func push(time: Int64, arrival: Int64, firstOf buffer: ReorderBuffer) {
        rowTime = time
        rowArrival = arrival
        for channel in row.indices { row[channel] = buffer.firstValue(channel) }
        hasRow = true
    }

    /// The next sample that the row completes; `cells` gets its values.
    mutating func next(into cells: inout [Double]) -> Sample? {
        guard hasRow else { return nil }
        if isAnchored && rowTime - lastTime > maxGap {
            let last = flush(into: &cells, arrival: rowArrival)
            restart()
            if last != nil { return last }
        }
        if !isAnchored {
            grid.anchor(at: rowTime)
            isAnchored = true
        }
        for channel in channels.indices where !row[channel].isNaN {
            channels[channel].draw(to: rowTime, row[channel], in: grid, maxGap: maxGap)
        }
        if rowTime >= grid.end { return close(into: &cells, arrival: rowArrival) }
        for channel in channels.indices where !row[channel].isNaN {
            channels[channel].take(rowTime, row[channel], in: grid)
        }
        lastTime = rowTime
        lastArrival = rowArrival
        hasRow = false
        return nil
    }

    /// The sample of the current bin though no later row has come; nil when nothing is in it.
    mutating func flush(into cells: inout [Double]) -> Sample? { flush(into: &cells, arrival: lastArrival) }

    /// Nothing for so long in arrival time that the last bin need not wait any more.
    func isOverdue(at now: Int64) -> Bool { isAnchored && now - lastArrival > maxGap }

    /// Forgets the lines and the grid: time goes on somewhere else.
    mutating func restart() {
        for channel in channels.indices { channels[channel] = ChannelInterpolant() }
        isBroken = isBroken || isAnchored
        isAnchored = false
    }

    private mutating func flush(into cells: inout [Double], arrival: Int64) -> Sample? {
        guard isAnchored, channels.contains(where: \.hasContent) else { return nil }
        return close(into: &cells, arrival: arrival)
    }

    private mutating func close(into cells: inout [Double], arrival: Int64) -> Sample {
        for channel in channels.indices { cells[channel] = channels[channel].close(in: grid) }
        let sample = Sample(time: grid.time, arrival: arrival, isAfterGap: isBroken)
        isBroken = false
        grid.advance()
        return sample
    }

    func snapshot(into writer: inout SnapshotWriter) {
        grid.snapshot(into: &writer)
        for channel in channels { channel.snapshot(into: &writer) }
        writer.write(isAnchored)
        writer.write(isBroken)
        writer.write(lastTime)
        writer.write(lastArrival)
    }

    mutating func restore(from reader: inout SnapshotReader) throws(SnapshotError) {
        try grid.restore(from: &reader)
        for channel in channels.indices { try channels[channel].restore(from: &reader) }
        isAnchored = try reader.readBool()
        isBroken = try reader.readBool()
        lastTime = try reader.read(Int64.self)
        lastArrival = try reader.read(Int64.self)
        let range = -(1 << 60)...(1 << 60) as ClosedRange<Int64>
        guard range.contains(lastTime), range.contains(lastArrival), !isAnchored || grid.next > grid.time else {
            throw .impossible("resampler at \(lastTime), \(lastArrival)")
        }
    }
}
