import Inference
import SedgeCore
import Testing

@testable import Evaluation

/// Forecasts: what is learned, from what, and what it is judged on.
@Suite struct ForecastTests {
    /// Days of 24 rows whose shape repeats, with some noise.
    private func series(days: Int = 60, noise: Double = 0.01) throws -> ForecastSeries {
        var random = SeededRandom(seed: 2)
        let values = (0..<days * 24).map { row in
            10 + abs(Double(row % 24) - 12) + noise * random.uniform()
        }
        return try ForecastSeries(name: "days", values: values, rowsADay: 24)
    }

    /// scikit-learn 1.7, `Ridge(alpha=0.05 * 6)` on standardised columns.
    @Test func regressionAgreesWithScikitLearn() {
        let rows: [[Double]] = [[1, 2], [2, 1], [3, 5], [4, 3], [5, 8], [7, 6]]
        let targets: [[Double]] = [[1, 0], [2, 1], [2, -1], [5, 0.5], [4, 2], [9, 3]]
        let model = RidgeRegression(RegressionSums(rows, targets: targets), ridge: 0.05)
        let found = model.predict([6, 2])
        for (value, expected) in zip(found, [8.21351662, 2.44497559]) { #expect(abs(value - expected) < 1e-7) }
    }

    @Test func partsFollowOneAnother() throws {
        let short = try series()
        #expect(short.training == 0..<864 && short.validation == 864..<1152 && short.test == 1152..<1440)
        let long = try ForecastSeries(
            name: "ett", values: (0..<17420).map { Double($0 % 7) }, rowsADay: 24)
        #expect(long.training == 0..<8640 && long.validation == 8640..<11520 && long.test == 11520..<14400)
    }

    @Test func whatCanNotBeForecastIsRefused() {
        func refused(_ values: [Double]) -> Bool {
            (try? ForecastSeries(name: "x", values: values, rowsADay: 24)) == nil
        }
        #expect(refused([]) && refused(Array(repeating: 1, count: 2000)))
        #expect(refused((0..<2000).map { $0 == 7 ? .nan : Double($0 % 5) }) && refused([1, 2, 3]))
        #expect(!refused((0..<2000).map { Double($0 % 5) }))
    }

    @Test func aSeasonIsForecastByItsLastAndNotByItsNewestValue() throws {
        let run = try ForecastRun(
            series: [try series(noise: 0)],
            methods: [
                .init("day before", .baseline, .seasonal), .init("newest", .baseline, .persistence),
                .init("lags", .baseline, .lags(48)),
            ], horizons: [24, 400], threads: 1)
        #expect(try #require(run.errors[0][0][0]).meanSquared == 0)
        #expect(try #require(run.errors[1][0][0]).meanSquared > 0.5)
        #expect(try #require(run.errors[2][0][0]).meanSquared < 1e-3)
        // 288 rows of test leave no room for 400.
        #expect(run.errors.allSatisfy { $0[0][1] == nil })
        let table = ETTProtocol().tables(of: run)[0]
        #expect(table.rows[0].values[0] == 0 && table.rows[0].values[1] == nil)
    }

    @Test func aHeadOnTheEmbeddingLearnsTheShapeOfADay() throws {
        let bundle = try ModelBundle.random(
            architecture: TCNArchitecture(mode: .independent, patch: 8, channels: 16, blocks: 4, embedding: 16), seed: 1
        )
        let run = try ForecastRun(
            series: [try series()],
            methods: [
                .init("head", .agent, try .embedding(bundle: bundle, kernels: KernelSet.select(nil))),
                .init("newest", .baseline, .persistence),
            ], horizons: [24], threads: 2)
        let (head, newest) = (try #require(run.errors[0][0][0]), try #require(run.errors[1][0][0]))
        #expect(head.meanSquared < 0.2 * newest.meanSquared && head.count == newest.count && head.count > 0)
    }
}
