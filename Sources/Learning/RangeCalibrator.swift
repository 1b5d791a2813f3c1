/// Watches the values of one tensor and chooses its int8 range.
///
/// A histogram whose bins double in width as values outgrow it, so calibration sees any number of batches in constant
/// memory. Values must be finite.
package struct RangeCalibrator: Sendable {
    private static let bins = 4096
    private var counts = [UInt64](repeating: 0, count: bins)  // from −limit to +limit
    private var limit: Float = 1
    private var total: UInt64 = 0
    package private(set) var low: Float = 0
    package private(set) var high: Float = 0

    package init() {}

    package mutating func observe(_ values: [Float]) {
        guard let smallest = values.min(), let largest = values.max() else { return }
        precondition(smallest.isFinite && largest.isFinite, "activations must be finite")
        low = min(low, smallest)
        high = max(high, largest)
        while max(-low, high) >= limit { widen() }
        let factor = Float(Self.bins) / (2 * limit)
        for value in values { counts[min(Self.bins - 1, Int((value + limit) * factor))] += 1 }
        total += UInt64(values.count)
    }

    /// The range between two quantiles that leave `excess` of the values outside, half on either side that is used.
    package func percentileRange(excess: Double) -> (low: Float, high: Float) {
        let outside = UInt64(Double(total) * excess / 2)
        var (below, above) = (UInt64(0), UInt64(0))
        var (first, last) = (0, Self.bins - 1)
        while first < last, below + counts[first] <= outside {
            below += counts[first]
            first += 1
        }
        while last > first, above + counts[last] <= outside {
            above += counts[last]
            last -= 1
        }
        return (max(low, edge(first)), min(high, edge(last + 1)))
    }

    /// The range with the smallest mean square error between values and their int8 stand-ins.
    ///
    /// Tried: 100 % of what was seen down to a quarter, both ends shrinking together. What is clipped counts with its
    /// full distance, so rare large values, which is where anomalies are, keep their weight.
    package func leastSquaresRange(symmetric: Bool = false) -> ActivationRange {
        var best: (range: ActivationRange, error: Double)?
        for step in 0..<60 {
            let factor = Float(1) - Float(step) / 80
            let range =
                symmetric
                ? ActivationRange(symmetric: max(-low, high) * factor)
                : ActivationRange(low: low * factor, high: high * factor)
            let error = meanSquareError(range)
            if error < best?.error ?? .infinity { best = (range, error) }
        }
        return best!.range
    }

    /// Mean square distance from bin centres to their int8 stand-ins, with the spread inside a step added.
    private func meanSquareError(_ range: ActivationRange) -> Double {
        let lowest = range.dequantize(-128)
        let highest = range.dequantize(127)
        let inside = Double(range.scale) * Double(range.scale) / 12
        var sum = 0.0
        for bin in 0..<Self.bins where counts[bin] > 0 {
            let centre = (edge(bin) + edge(bin + 1)) / 2
            let beyond = Double(max(lowest - centre, centre - highest, 0))
            // Exact zeros, half of a ReLU's outputs, cost nothing in any range; they share a bin with tiny values.
            sum += Double(counts[bin]) * (beyond * beyond + inside)
        }
        return sum / Double(max(1, total))
    }

    private func edge(_ bin: Int) -> Float { (Float(bin) / Float(Self.bins) * 2 - 1) * limit }

    /// Doubles the limits: pairs of bins merge towards the middle.
    private mutating func widen() {
        var wider = [UInt64](repeating: 0, count: Self.bins)
        for bin in 0..<Self.bins { wider[Self.bins / 4 + bin / 2] += counts[bin] }
        counts = wider
        limit *= 2
    }
}
