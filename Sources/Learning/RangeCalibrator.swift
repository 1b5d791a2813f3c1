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
        // Exact zeros, half of a ReLU's outputs, cost nothing in any range and stand in no bin.
        for value in values where value != 0 { counts[min(Self.bins - 1, Int((value + limit) * factor))] += 1 }
        total += UInt64(values.count)
    }

    /// The range that `method` chooses; a symmetric one has its zero point at zero.
    package func range(_ method: RangeMethod, symmetric: Bool = false) -> ActivationRange {
        switch method {
        case .percentile(let excess):
            let ends = percentileRange(excess: excess)
            return symmetric
                ? ActivationRange(symmetric: max(-ends.low, ends.high))
                : ActivationRange(low: ends.low, high: ends.high)
        case .leastSquares: return leastSquaresRange(symmetric: symmetric)
        }
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
    /// Tried: 100 % of what was seen down to a quarter, one end at a time. What is clipped counts with its full
    /// distance, so rare large values, which is where anomalies are, keep their weight.
    package func leastSquaresRange(symmetric: Bool = false) -> ActivationRange {
        guard !symmetric else {
            return best { ActivationRange(symmetric: max(-low, high) * $0) }.range
        }
        var (below, above) = (Float(1), Float(1))
        for _ in 0..<(low < 0 ? 2 : 1) {
            above = best { ActivationRange(low: low * below, high: high * $0) }.factor
            if low < 0 { below = best { ActivationRange(low: low * $0, high: high * above) }.factor }
        }
        return ActivationRange(low: low * below, high: high * above)
    }

    private func best(_ candidate: (Float) -> ActivationRange) -> (range: ActivationRange, factor: Float) {
        let filled = counts.indices.filter { counts[$0] > 0 }
        var best = (range: candidate(1), factor: Float(1))
        var least = Double.infinity
        for step in 0..<60 {
            let factor = Float(1) - Float(step) / 80
            let range = candidate(factor)
            let error = squaredError(range, filled)
            if error < least { (best, least) = ((range, factor), error) }
        }
        return best
    }

    /// Square distances from bin centres to their int8 stand-ins, with the spread inside a step added.
    private func squaredError(_ range: ActivationRange, _ filled: [Int]) -> Double {
        let lowest = range.dequantize(-128)
        let highest = range.dequantize(127)
        let inside = Double(range.scale) * Double(range.scale) / 12
        var sum = 0.0
        for bin in filled {
            let centre = (edge(bin) + edge(bin + 1)) / 2
            let beyond = Double(max(lowest - centre, centre - highest, 0))
            sum += Double(counts[bin]) * (beyond * beyond + inside)
        }
        return sum
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
