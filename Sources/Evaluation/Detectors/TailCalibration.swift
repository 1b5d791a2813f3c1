#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Turns scores into −ln of the chance of one at least as high: empirical below the 98th percentile of what it was made
/// of, an exponential tail above.
struct TailCalibration: Sendable {
    private let sorted: [Double]
    private let knee: Double
    private let tailScale: Double

    private static let tailShare = 0.02
    /// One channel says no more than this.
    private static let ceiling = 30.0

    init(_ scores: some Sequence<Double>) {
        sorted = scores.sorted()
        guard let greatest = sorted.last else {
            (knee, tailScale) = (0, 1)
            return
        }
        let knee = sorted[min(sorted.count - 1, Int(Double(sorted.count) * (1 - Self.tailShare)))]
        let above = sorted.filter { $0 > knee }
        let excess = above.isEmpty ? 0 : above.reduce(0) { $0 + $1 - knee } / Double(above.count)
        let median = sorted[sorted.count / 2]
        // A tail of nothing would make every new value impossible.
        self.knee = knee
        tailScale = max(excess, 0.05 * (knee - median), 1e-3 * abs(greatest), 1e-9)
    }

    func surprise(_ score: Double) -> Double {
        guard !sorted.isEmpty else { return max(0, score) }
        if score > knee { return min(Self.ceiling, -log(Self.tailShare) + (score - knee) / tailScale) }
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < score { low = middle + 1 } else { high = middle }
        }
        return -log(Double(sorted.count - low + 1) / Double(sorted.count + 1))
    }
}
