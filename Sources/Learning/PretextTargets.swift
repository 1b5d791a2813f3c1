/// What the base encoder's heads predict at each step for one channel, all in normalised units.
///
/// Columns of a target row: the clean samples of the last `history` samples, oldest first (masked reconstruction: the
/// encoder's input has some of them blanked); then the next `future` samples (forecast, near); then for each window of
/// `horizons` beyond those the mean and the mean absolute deviation from it (forecast, far); then for each window of
/// `shapes`, back from the newest sample, the numbers of `WindowShape`. An encoder of several channels has the columns
/// of one channel after the other.
package struct PretextTargets: Sendable, Equatable, Codable {
    package let history: Int
    package let future: Int
    package let horizons: [Int]
    package let shapes: [Int]

    package init(
        history: Int = 16, future: Int = 8, horizons: [Int] = [8, 16, 32], shapes: [Int] = [12, 40, 128]
    ) {
        precondition(history > 0 && future > 0 && (horizons + shapes).allSatisfy { $0 > 0 })
        self.history = history
        self.future = future
        self.horizons = horizons
        self.shapes = shapes
    }

    /// Of one channel.
    package var columns: Int { history + future + 2 * horizons.count + WindowShape.count * shapes.count }

    /// Columns of one channel before those of `kind`.
    package func first(_ kind: Kind) -> Int {
        switch kind {
        case .past: 0
        case .near: history
        case .far: history + future
        case .shape: history + future + 2 * horizons.count
        }
    }

    /// Samples up to a step's last one, itself included, that its targets need.
    package var lookback: Int { max(history, (shapes.max() ?? 0) + WindowShape.reach) }

    /// Samples after a step's last one that its targets need.
    package var reach: Int { future + horizons.reduce(0, +) }

    package enum Kind: Int, Sendable, CaseIterable {
        case past, near, far, shape
    }

    package func kind(ofColumn column: Int) -> Kind {
        let column = column % columns
        return column < first(.near) ? .past : column < first(.far) ? .near : column < first(.shape) ? .far : .shape
    }

    /// Writes the target row of the step whose newest sample is `series[position]`.
    ///
    /// `series` must reach from `position − lookback + 1` to `position + reach`.
    @inline(__always)
    package func write(
        _ row: UnsafeMutablePointer<Float>, from series: UnsafePointer<Float>, at position: Int
    ) {
        var column = 0
        for offset in (position - history + 1)...(position + future) {
            row[column] = series[offset]
            column += 1
        }
        var start = position + future + 1
        for length in horizons {
            var mean: Float = 0
            for offset in start..<start + length { mean += series[offset] }
            mean /= Float(length)
            var deviation: Float = 0
            for offset in start..<start + length { deviation += abs(series[offset] - mean) }
            row[column] = mean
            row[column + 1] = deviation / Float(length)
            column += 2
            start += length
        }
        for length in shapes {
            WindowShape.write(row + column, of: series + (position + 1 - length), count: length)
            column += WindowShape.count
        }
    }
}
