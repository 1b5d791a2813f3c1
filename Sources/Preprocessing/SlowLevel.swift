package import SedgeCore

/// How far a value lies from a slow average, in slow standard deviations: the plain statistics of everything that was
/// measured, outliers included.
///
/// Plain averages over all so far until there are `memory` values, exponentially weighted from then on. Not robust on
/// purpose, unlike `RobustNormalizer`: an outlier raises the deviation, so the next of its kind is less of a surprise.
/// One counts as `reach` deviations at most, or a single impossible reading would hide what follows for days.
package struct SlowLevel: Sendable, Equatable {
    /// Values after which one counts 1/e.
    package let memory: Double
    private var count = 0.0
    private var mean = 0.0
    private var variance = 0.0

    /// No distance is greater.
    package static let ceiling = 1000.0
    /// Deviations that a value moves the averages by at most, once there are `settled` values.
    private static let reach = 100.0
    private static let settled = 32.0
    /// Beyond this a value is taken for none: no square can overflow.
    private static let largest = 1e150

    package init(memory: Double = 20_000) { self.memory = memory }

    /// The signed distance of `value` from what came before it, which it then joins unless told not to; 0 for what is
    /// missing, and while there is no deviation.
    package mutating func standardise(_ value: Double, learns: Bool = true) -> Double {
        guard value.isFinite, abs(value) < Self.largest else { return 0 }
        let difference = value - mean
        var distance = 0.0
        if count > 1, variance > 0 {
            distance = max(-Self.ceiling, min(Self.ceiling, difference / variance.squareRoot()))
        }
        guard learns else { return distance }
        let limit = count > Self.settled && variance > 0 ? Self.reach * variance.squareRoot() : .infinity
        let step = max(-limit, min(limit, difference))
        count = min(count + 1, memory)
        let rate = 1 / count
        mean += rate * step
        variance = (1 - rate) * (variance + rate * step * step)
        return distance
    }

    package func snapshot(into writer: inout SnapshotWriter) {
        writer.write(count)
        writer.write(mean)
        writer.write(variance)
    }

    /// On an error nothing has changed.
    package mutating func restore(from reader: inout SnapshotReader) throws(SnapshotError) {
        let count = try reader.readDouble()
        let mean = try reader.readDouble()
        let variance = try reader.readDouble()
        guard (0...memory).contains(count), abs(mean) <= Self.largest, variance >= 0, variance.isFinite else {
            throw .impossible("mean \(mean), variance \(variance) of \(count) values")
        }
        (self.count, self.mean, self.variance) = (count, mean, variance)
    }
}
