import SedgeCore

/// The straight lines between one channel's measurements, as far as the current bin of the grid needs them.
struct ChannelInterpolant: Sendable {
    /// The newest measurement; `time` is meaningless while `value` is NaN.
    private var time: Int64 = 0
    private var value = Double.nan
    /// Integral of the lines over the part of the bin that they cover, in value · µs.
    private var area = 0.0
    private var covered: Int64 = 0
    /// Measurements in the bin.
    private var sum = 0.0
    private var count = 0
    /// The lines' value at the grid point; NaN while unknown.
    private var atGrid = Double.nan

    /// Whether the bin has anything to say about this channel.
    var hasContent: Bool { count > 0 || !atGrid.isNaN }

    /// Draws the line to a new measurement as far as it lies in the bin.
    mutating func draw(to newTime: Int64, _ newValue: Double, in grid: GridClock, maxGap: Int64) {
        guard !value.isNaN, newTime > time, newTime - time <= maxGap else { return }
        let slope = (newValue - value) / Double(newTime - time)
        let lower = max(time, grid.start)
        let upper = min(newTime, grid.end)
        if upper > lower {
            let sides = 2 * value + slope * (Double(lower - time) + Double(upper - time))
            area += sides / 2 * Double(upper - lower)
            covered += upper - lower
        }
        if time < grid.time && grid.time < newTime { atGrid = value + slope * Double(grid.time - time) }
    }

    /// Takes a measurement in, after `draw`. One that is not newer than the newest changes nothing.
    mutating func take(_ newTime: Int64, _ newValue: Double, in grid: GridClock) {
        guard value.isNaN || newTime > time else { return }
        time = newTime
        value = newValue
        // The bin of a measurement that comes after a flush may be over already.
        guard newTime >= grid.start else { return }
        sum += newValue
        count += 1
        if newTime == grid.time { atGrid = newValue }
    }

    /// The sample of the bin, NaN if there is none, and on to the next bin.
    ///
    /// Several measurements: the mean of the lines over the bin (an anti-aliasing boxcar around the grid point). One
    /// or none: the lines' value at the grid point. Both are exact for a straight line, however it is sampled.
    mutating func close(in grid: GridClock) -> Double {
        let sample =
            if count > 1 && covered == grid.end - grid.start {
                area / Double(covered)
            } else if !atGrid.isNaN {
                atGrid
            } else {
                // No line reaches the grid point: what was measured nearest to it.
                count > 0 ? sum / Double(count) : .nan
            }
        area = 0
        covered = 0
        sum = 0
        count = 0
        atGrid = .nan
        return sample
    }

    func snapshot(into writer: inout SnapshotWriter) {
        writer.write(time)
        writer.write(value)
        writer.write(area)
        writer.write(covered)
        writer.write(sum)
        writer.write(Int64(count))
        writer.write(atGrid)
    }

    mutating func restore(from reader: inout SnapshotReader) throws(SnapshotError) {
        time = try reader.read(Int64.self)
        value = try reader.readDouble()
        area = try reader.readDouble()
        covered = try reader.read(Int64.self)
        sum = try reader.readDouble()
        count = Int(try reader.read(Int64.self))
        atGrid = try reader.readDouble()
        guard !value.isInfinite, area.isFinite, covered >= 0, sum.isFinite, count >= 0, !atGrid.isInfinite,
            time > -(2 << 60), time < 2 << 60
        else { throw .impossible("interpolant with value \(value), area \(area), count \(count)") }
    }
}
