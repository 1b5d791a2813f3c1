import SedgeCore

/// A mean of paired differences with its 95 % interval: percentiles of 10,000 seeded bootstrap means (Efron, 1979).
package struct PairedDifference: Sendable, Equatable {
    package let mean: Double
    package let interval: ClosedRange<Double>

    private static let draws = 10_000

    /// nil for fewer than two pairs.
    package init?(_ differences: [Double]) {
        guard differences.count > 1 else { return nil }
        let count = Double(differences.count)
        mean = differences.reduce(0, +) / count
        var random = SeededRandom(seed: 1)
        let means = (0..<Self.draws).map { _ in
            differences.indices.reduce(0.0) { sum, _ in
                sum + differences[Int(random.uniform() * count)]
            } / count
        }.sorted()
        interval = means[Self.draws / 40]...means[Self.draws - 1 - Self.draws / 40]
    }
}
