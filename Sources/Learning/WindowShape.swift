#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A window of samples in a few numbers that people judge signals by: where it lies, how it spreads, how rough it is.
///
/// Mean, largest, smallest; then as logarithms of mean magnitudes the deviation from the mean and the structure
/// function |x(t) − x(t − lag)| (Kolmogorov, 1941) at lags of 1, 2, 4, 8 and 16 samples: a coarse spectrum that needs
/// no transform. An embedding that a linear head reads these from tells signals apart by amplitude and rhythm.
package enum WindowShape {
    /// Numbers of one window.
    package static let count = 4 + lags.count
    /// Samples before the window that the lags need.
    package static let reach = 16
    static let lags = [1, 2, 4, 8, 16]
    /// Magnitudes far below the encoder's input step of 0.06 are all alike.
    private static let floor: Float = 0.03

    /// - Parameter samples: the window; `reach` samples before it must be there.
    @inline(__always)
    package static func write(_ row: UnsafeMutablePointer<Float>, of samples: UnsafePointer<Float>, count: Int) {
        let share = 1 / Float(count)
        var (sum, largest, smallest) = (samples[0], samples[0], samples[0])
        for index in 1..<count {
            let value = samples[index]
            sum += value
            largest = max(largest, value)
            smallest = min(smallest, value)
        }
        let mean = sum * share
        var deviation: Float = 0
        for index in 0..<count { deviation += abs(samples[index] - mean) }
        (row[0], row[1], row[2], row[3]) = (mean, largest, smallest, log(floor + deviation * share))
        for (place, lag) in [1, 2, 4, 8, 16].enumerated() {
            var change: Float = 0
            for index in 0..<count { change += abs(samples[index] - samples[index - lag]) }
            row[4 + place] = log(floor + change * share)
        }
    }
}
