import Evaluation
import Inference

/// Forecasts with a linear head on the frozen encoder, beside baselines, and puts the report together.
struct ForecastEvaluation {
    let encoder: EvaluatedEncoder
    let threads: Int
    let limit: Int?

    func ett(_ folder: ETTFolder) throws -> EvaluationReport {
        let all = try folder.series()
        let series = limit.map { Array(all.prefix($0)) } ?? all
        let progress = EvaluationProgress("forecasts of \(series.count) series")
        defer { progress.finish() }
        let run = try ForecastRun(
            series: series, methods: try methods(), horizons: ETTProtocol.horizons, threads: threads,
            progress: { progress.update($0) })
        let rows = series.reduce(0) { $0 + $1.test.count }
        return EvaluationReport(
            set: "ett", title: "Transformer temperatures",
            facts: encoder.facts + [("data", "\(series.count) of \(all.count) series, \(rows) rows to forecast")],
            tables: ETTProtocol().tables(of: run),
            panels: series.map {
                SeriesPanel(
                    name: $0.name, columns: [$0.values], trainingRows: $0.validation.lowerBound, truth: [$0.test],
                    scores: [], alarms: [])
            })
    }

    private func methods() throws -> [ForecastRun.Method] {
        [
            .init(
                "sedge, \(encoder.bundle.name), linear head", .agent,
                try .embedding(bundle: encoder.bundle, kernels: encoder.kernels)),
            .init(
                "random weights, same head", .control,
                try .embedding(bundle: encoder.twin, kernels: encoder.kernels)),
            .init("linear, \(ETTProtocol.lags) raw samples", .baseline, .lags(ETTProtocol.lags)),
            .init("the value of a day before", .baseline, .seasonal),
            .init("the newest value", .baseline, .persistence),
        ]
    }
}
