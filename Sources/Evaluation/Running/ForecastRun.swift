/// All forecasters on all series, at each horizon: every hour of the test part is forecast from every row that lies that
/// far before its end, one row at a time and without looking ahead.
package struct ForecastRun: Sendable {
    package struct Method: Sendable {
        package let name: String
        package let kind: ResultTable.Kind
        package let forecaster: Forecaster

        package init(_ name: String, _ kind: ResultTable.Kind, _ forecaster: Forecaster) {
            self.name = name
            self.kind = kind
            self.forecaster = forecaster
        }
    }

    package let series: [ForecastSeries]
    package let methods: [Method]
    package let horizons: [Int]
    /// nil where a series is too short for a horizon.
    package let errors: [[[ForecastError?]]]  // (methods, series, horizons)

    /// Penalties among which the validation part chooses.
    private static let ridges = [1e-4, 1e-3, 1e-2, 1e-1, 1]

    package init(
        series: [ForecastSeries], methods: [Method], horizons: [Int], threads: Int,
        progress: @escaping @Sendable (Double) -> Void = { _ in }
    ) throws {
        let jobs = methods.indices.flatMap { method in series.indices.map { (method: method, series: $0) } }
        let found = try ParallelMap.run(
            jobs, threads: threads, cost: { methods[$0.method].forecaster.isLearned ? 20 : 1 },
            progress: progress
        ) { job in
            Self.errors(series[job.series], methods[job.method].forecaster, horizons)
        }
        self.series = series
        self.methods = methods
        self.horizons = horizons
        errors = methods.indices.map { Array(found[$0 * series.count..<($0 + 1) * series.count]) }
    }

    private static func errors(
        _ series: ForecastSeries, _ forecaster: Forecaster, _ horizons: [Int]
    ) -> [ForecastError?] {
        let values = series.standardised
        let features = forecaster.features(values)
        return horizons.map { horizon in
            guard series.test.count > horizon, series.validation.count > horizon,
                series.training.count > forecaster.start(season: series.season) + horizon + 1
            else { return nil }
            guard let features else {
                return error(of: values, rows: origins(series.test, horizon)) { row in
                    (1...horizon).map { step in
                        if case .persistence = forecaster { return values[row] }
                        return values[row + 1 - series.season + (step - 1) % series.season]
                    }
                }
            }
            let training = Array(forecaster.start(season: series.season)..<(series.training.upperBound - horizon))
            // Targets are steps from the newest value, so that a level never seen in training is no surprise.
            func targets(_ row: Int) -> [Double] { (1...horizon).map { values[row + $0] - values[row] } }
            func judge(_ model: RidgeRegression, _ rows: Range<Int>) -> ForecastError {
                error(of: values, rows: rows) { row in model.predict(features[row]).map { $0 + values[row] } }
            }
            let sums = RegressionSums(training.map { features[$0] }, targets: training.map(targets))
            let models = ridges.map { RidgeRegression(sums, ridge: $0) }
            let best = models.min {
                judge($0, origins(series.validation, horizon)).meanSquared
                    < judge($1, origins(series.validation, horizon)).meanSquared
            }
            return best.map { judge($0, origins(series.test, horizon)) }
        }
    }

    /// Rows whose next `horizon` values lie in a part.
    private static func origins(_ part: Range<Int>, _ horizon: Int) -> Range<Int> {
        (part.lowerBound - 1)..<(part.upperBound - horizon)
    }

    private static func error(
        of values: [Double], rows: Range<Int>, _ forecast: (Int) -> [Double]
    ) -> ForecastError {
        var error = ForecastError()
        for row in rows {
            for (step, value) in forecast(row).enumerated() {
                error.add(forecast: value, actual: values[row + 1 + step])
            }
        }
        return error
    }
}
