/// Means of the last values, or of all so far where there are fewer.
enum RunningMean {
    /// - Parameter values: not negative.
    static func of(_ values: [Double], over count: Int) -> [Double] {
        var sum = 0.0
        return values.indices.map { row in
            sum += values[row] - (row >= count ? values[row - count] : 0)
            // What subtracting leaves of a sum may lie below zero.
            return max(0, sum) / Double(min(row + 1, count))
        }
    }
}
