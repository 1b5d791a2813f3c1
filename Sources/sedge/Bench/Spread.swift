/// Low, median and high of repeated measurements.
struct Spread: Codable, Equatable {
    var low: Double
    var median: Double
    var high: Double

    /// - Parameter values: at least one.
    init(_ values: [Double]) {
        let sorted = values.sorted()
        low = sorted[0]
        high = sorted[sorted.count - 1]
        let middle = sorted.count / 2
        median = sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}
