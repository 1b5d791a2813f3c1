package import SedgeCore

/// Watches one channel for a sensor that no longer measures: it repeats one value, or its range cuts the signal off.
///
/// Both show as runs of equal samples. A quantised or slow channel has long runs by nature, so a run is judged by those
/// that the channel had before: a run is a *stuck sensor* when it is at least `stuckRun` samples long and ten times as
/// long as any ordinary one; it is *saturation* when it lies at the highest or lowest value ever seen, is at least
/// `flatRun` samples long while ordinary runs are short, and has happened `flatTops` times at that value.
package struct SensorWatch: Sendable, Equatable {
    package enum Finding: Sendable {
        case stuck, saturated
    }

    private var last = Double.nan
    /// Equal samples in a row up to now.
    private var run: Int64 = 0
    /// The longest run that was ordinary.
    private var longest: Int64 = 1
    /// Samples that differed from the one before.
    private var changes: Int64 = 0
    private var highest = -Double.infinity
    private var lowest = Double.infinity
    /// Long runs at the highest and at the lowest value.
    private var tops: Int64 = 0
    private var bottoms: Int64 = 0

    static let stuckRun: Int64 = 128
    static let stuckFactor: Int64 = 10
    /// A channel that hardly ever changes can not be said to be stuck.
    static let leastChanges: Int64 = 64
    static let flatRun: Int64 = 6
    static let flatTops: Int64 = 3
    /// Where ordinary runs are longer than this, the channel is too coarse for flat tops to mean anything.
    private static let coarseRun: Int64 = 3
    private static let longestCount: Int64 = 1 << 40

    package init() {}

    /// One sample; what is missing ends no run. Each stuck stretch, and each kind of saturation, is found once.
    package mutating func observe(_ value: Double) -> Finding? {
        guard value.isFinite else { return nil }
        if value == last {
            run = min(run + 1, Self.longestCount)
            let limit = max(Self.stuckRun, Self.stuckFactor * longest)
            return run == limit && changes >= Self.leastChanges ? .stuck : nil
        }
        let finding = endRun()
        last = value
        run = 1
        changes = min(changes + 1, Self.longestCount)
        // A new extreme: what was cut off before was not the sensor's range.
        if value > highest { (highest, tops) = (value, 0) }
        if value < lowest { (lowest, bottoms) = (value, 0) }
        return finding
    }

    private mutating func endRun() -> Finding? {
        guard run > 0 else { return nil }
        // What a channel does at first is how it is.
        guard changes >= Self.leastChanges else {
            longest = max(longest, run)
            return nil
        }
        let isTop = last == highest
        let isExtreme = isTop || last == lowest
        guard isExtreme, run >= Self.flatRun, longest <= Self.coarseRun else {
            // A stuck stretch is not what later ones are measured by, nor is a flat top.
            if run < max(Self.stuckRun, Self.stuckFactor * longest), !(isExtreme && run >= Self.flatRun) {
                longest = max(longest, run)
            }
            return nil
        }
        if isTop { tops = min(tops + 1, Self.longestCount) } else { bottoms = min(bottoms + 1, Self.longestCount) }
        return (isTop ? tops : bottoms) == Self.flatTops ? .saturated : nil
    }

    package func snapshot(into writer: inout SnapshotWriter) {
        for value in [last, highest, lowest] { writer.write(value) }
        for value in [run, longest, changes, tops, bottoms] { writer.write(value) }
    }

    /// On an error nothing has changed.
    package mutating func restore(from reader: inout SnapshotReader) throws(SnapshotError) {
        var read = SensorWatch()
        read.last = try reader.readDouble()
        read.highest = try reader.readDouble()
        read.lowest = try reader.readDouble()
        read.run = try reader.read(Int64.self)
        read.longest = try reader.read(Int64.self)
        read.changes = try reader.read(Int64.self)
        read.tops = try reader.read(Int64.self)
        read.bottoms = try reader.read(Int64.self)
        let counts = [read.run, read.longest, read.changes, read.tops, read.bottoms]
        guard counts.allSatisfy({ (0...Self.longestCount).contains($0) }) else {
            throw .impossible("runs of a channel: \(counts)")
        }
        self = read
    }
}
