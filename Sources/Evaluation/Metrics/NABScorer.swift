#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The score of one series in the Numenta Anomaly Benchmark (Lavin and Ahmad, 2015), as its `sweeper.py` computes it.
///
/// The first 15 % of the rows, 750 at most, are not scored. In a window the earliest detection counts, the earlier the
/// more; outside, each detection costs, less just behind a window. The weights are scaled sigmoids of the position.
package struct NABScorer: Sendable {
    package let profile: NABProfile
    package let windows: [ClosedRange<Int>]
    /// Rows at the beginning that are not scored.
    package let probation: Int
    /// What a detection in each row is worth.
    package let weights: [Double]  // (rows)
    /// The window that each row lies in; −1: none.
    package let windowOfRow: [Int]  // (rows)

    /// - Parameter windows: rows from the first to the last of each, in order and apart from each other.
    package init(rowCount: Int, windows: [ClosedRange<Int>], profile: NABProfile = .standard) {
        precondition(windows.allSatisfy { (0..<rowCount).contains($0.upperBound) }, "a window outside the series")
        precondition(zip(windows, windows.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound }, "windows overlap")
        self.profile = profile
        self.windows = windows
        probation = min(rowCount * 15 / 100, 750)
        var weights: [Double] = []
        var windowOfRow: [Int] = []
        weights.reserveCapacity(rowCount)
        windowOfRow.reserveCapacity(rowCount)
        var next = 0
        for row in 0..<rowCount {
            if next < windows.count, row > windows[next].upperBound { next += 1 }
            if next < windows.count, windows[next].contains(row) {
                let window = windows[next]
                let position = -Double(window.upperBound - row + 1) / Double(window.count)
                weights.append(Self.sigmoid(position) / Self.sigmoid(-1) * profile.truePositive)
                windowOfRow.append(next)
            } else if next > 0 {
                let window = windows[next - 1]
                let position = Double(row - window.upperBound) / Double(window.count - 1)
                weights.append(Self.sigmoid(position) * profile.falsePositive)
                windowOfRow.append(-1)
            } else {
                weights.append(-profile.falsePositive)
                windowOfRow.append(-1)
            }
        }
        self.weights = weights
        self.windowOfRow = windowOfRow
    }

    /// The score of detections in these rows; without any it is `nullScore`.
    package func score(detections: some Sequence<Int>) -> Double {
        var parts = [Double](repeating: -profile.falseNegative, count: windows.count)
        var sum = 0.0
        for row in detections where row >= probation {
            let window = windowOfRow[row]
            if window < 0 {
                sum += weights[row]
            } else {
                parts[window] = max(parts[window], weights[row])
            }
        }
        return parts.reduce(sum, +)
    }

    package var nullScore: Double { -profile.falseNegative * Double(windows.count) }
    package var perfectScore: Double { profile.truePositive * Double(windows.count) }

    /// 1 far before the end of a window, 0 at its end, −1 far behind it.
    private static func sigmoid(_ position: Double) -> Double {
        position > 3 ? -1 : 2 / (1 + exp(5 * position)) - 1
    }
}
