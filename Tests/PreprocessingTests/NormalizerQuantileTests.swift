import Preprocessing
import SedgeCore
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The normaliser's level and scale beside the exact median and the spread of the middle half, of which P² would be an
/// estimate (docs/decisions.md). Errors in that spread, as a standard deviation: a quarter of the distance of the quartiles
/// of a normal distribution is .3372.
struct NormalizerQuantileTests {
    /// A distribution, how far the level may lie from the median, and what the scale may be of the spread.
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var levels: Double
        var scales: ClosedRange<Double>
        var draw: @Sendable (inout SeededRandom) -> Double
        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "normal", levels: 0.05, scales: 0.95...1.05) { $0.normal() },
        Case(name: "uniform", levels: 0.05, scales: 0.8...0.9) { $0.uniform() },
        Case(name: "Laplace", levels: 0.05, scales: 1.1...1.3) { $0.laplace() },
        Case(name: "Student with 3 degrees", levels: 0.05, scales: 1.05...1.25) { random in
            let squares = (0..<3).reduce(0) { sum, _ in sum + square(random.normal()) }
            return random.normal() / (squares / 3).squareRoot()
        },
        Case(name: "exponential", levels: 0.4, scales: 1...1.2) { -log(1 - $0.uniform()) },
        Case(name: "lognormal", levels: 0.55, scales: 1.1...1.35) { exp($0.normal()) },
        Case(name: "two modes", levels: 0.2, scales: 0.75...0.95) { ($0.uniform() < 0.5 ? -3 : 3) + $0.normal() },
        Case(name: "one in twenty 20 deviations off", levels: 0.2, scales: 1...1.25) {
            ($0.uniform() < 0.05 ? 20 : 0) + $0.normal()
        },
        Case(name: "one in twenty a hundred times as wide", levels: 0.05, scales: 1...1.2) {
            ($0.uniform() < 0.05 ? 100 : 1) * $0.normal()
        },
        Case(name: "coarse", levels: 0.05, scales: 0.6...0.75) { $0.normal().rounded() },
    ]

    @Test(arguments: cases)
    func levelAndScaleLieNearTheExactQuantiles(_ distribution: Case) {
        var normalizer = RobustNormalizer()
        var random = SeededRandom(seed: 31)
        let samples = (0..<40_000).map { _ in distribution.draw(&random) }
        for sample in samples { _ = normalizer.normalize(sample) }
        let sorted = samples.sorted()
        let (lower, median, upper) = (sorted[10_000], sorted[20_000], sorted[30_000])
        let spread = (upper - lower) / 1.349
        let (error, ratio) = (abs(normalizer.level - median) / spread, normalizer.scale / spread)
        #expect(error <= distribution.levels, "\(distribution.name): level off by \(error)")
        #expect(distribution.scales.contains(ratio), "\(distribution.name): scale \(ratio) of the spread")
    }

    /// What quantiles of everything so far can not do: after as many samples as it remembers, twice over, a new level is the
    /// level.
    @Test func aNewLevelIsFollowedWhereAQuantileOfAllWouldStay() {
        var normalizer = RobustNormalizer()
        var random = SeededRandom(seed: 32)
        for _ in 0..<100_000 { _ = normalizer.normalize(random.normal()) }
        for _ in 0..<60_000 { _ = normalizer.normalize(10 + random.normal()) }
        // The median of all of them lies at 0.3; an exponential mean would be at 9.5.
        #expect((9.2...9.8).contains(normalizer.level))
    }

    private static func square(_ value: Double) -> Double { value * value }
}
