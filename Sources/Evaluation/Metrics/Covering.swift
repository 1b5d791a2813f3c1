/// Covering of a true segmentation by a found one (Arbeláez et al., 2011; for time series van den Burg and Williams,
/// 2020): for each true segment the best Jaccard index of a found one, weighted by length. 1 is a perfect match.
package enum Covering {
    /// - Parameters:
    ///   - found: rows at which a segment begins, in any order; 0 and what lies outside the series count for nothing.
    ///   - actual: the same for the truth.
    package static func score(found: [Int], actual: [Int], rowCount: Int) -> Double {
        precondition(rowCount > 0, "a series without rows")
        let found = segments(found, rowCount)
        var sum = 0.0
        for segment in segments(actual, rowCount) {
            let best = found.reduce(0.0) { best, other in
                let common = segment.clamped(to: other).count
                return max(best, Double(common) / Double(segment.count + other.count - common))
            }
            sum += best * Double(segment.count)
        }
        return sum / Double(rowCount)
    }

    private static func segments(_ changes: [Int], _ rowCount: Int) -> [Range<Int>] {
        let bounds = [0] + Set(changes.filter { $0 > 0 && $0 < rowCount }).sorted() + [rowCount]
        return zip(bounds, bounds.dropFirst()).map { $0..<$1 }
    }
}
