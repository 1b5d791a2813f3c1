/// Forecasting one column: mean squared and mean absolute error over all steps up to a horizon.
package struct ETTProtocol: Sendable {
    /// Hours.
    package static let horizons = [24, 168, 720]
    /// Raw samples of the linear baseline: a week of hours.
    package static let lags = 168

    package init() {}

    package func tables(of run: ForecastRun) -> [ResultTable] {
        run.series.indices.map { series in
            var table = ResultTable(
                title: "\(run.series[series].name): error of forecasts",
                columns: run.horizons.map { .init("MSE \($0)") } + run.horizons.map { .init("MAE \($0)") })
            for (method, name) in run.methods.enumerated() {
                let errors = run.errors[method][series]
                table.rows.append(
                    .init(name.name, name.kind, errors.map { $0?.meanSquared } + errors.map { $0?.meanAbsolute }))
            }
            for published in PublishedFigures.ett[run.series[series].name] ?? [] {
                table.rows.append(
                    .init(
                        published.name, .published, run.horizons.map { published.errors[$0] },
                        note: "published, univariate, trained on this set"))
            }
            table.notes = [
                "In units of the training part's standard deviation; 12, 4 and 4 months to learn from, to choose the "
                    + "linear model's penalty on, and to test on. Smaller is better.",
                "Linear models forecast all steps up to the horizon as differences from the newest value.",
            ]
            return table
        }
    }
}
