import Evaluation
import SedgeCore

/// Runs agent, controls and baselines over the series of a set and puts the report of its protocol together.
struct DetectionEvaluation {
    let encoder: EvaluatedEncoder
    let hop: Int
    let threads: Int
    let limit: Int?
    /// Whether the agent runs with each tier of its adaptation.
    let tiers: Bool

    func nab(_ folder: NABFolder) throws -> EvaluationReport {
        let all = try folder.series()
        let run = try run(all)
        var table = try NABProtocol().table(of: run, threads: threads)
        for (detector, scores) in try folder.publishedScores() {
            guard run.series.allSatisfy({ scores[$0.name] != nil }) else { continue }
            let windows = Double(run.series.reduce(0) { $0 + $1.anomalies.count })
            guard windows > 0 else { continue }
            let sum = run.series.reduce(0) { $0 + scores[$1.name]! }
            table.rows.append(
                .init(
                    detector, .published, [nil, 100 * (sum + windows) / (2 * windows)],
                    note: "published scores of these series"))
        }
        table.rows += PublishedFigures.nab
        let ranking = try RankingProtocol().tables(of: run, threads: threads)
        return report("Numenta Anomaly Benchmark", run, [table] + ranking, seriesFound: all.count)
    }

    func skab(_ series: [DetectionSeries]) throws -> EvaluationReport {
        let run = try run(series)
        var table = SKABProtocol().table(of: run)
        table.rows += PublishedFigures.skab
        let ranking = try RankingProtocol().tables(of: run, threads: threads)
        return report("SKAB, a water pump", run, [table] + ranking, seriesFound: series.count)
    }

    func smap(_ series: [DetectionSeries]) throws -> EvaluationReport {
        try ranked("NASA SMAP telemetry", series, published: PublishedFigures.smap)
    }

    func asd(_ series: [DetectionSeries]) throws -> EvaluationReport { try ranked("Application servers", series) }

    func csv(_ series: DetectionSeries) throws -> EvaluationReport { try ranked(series.name, [series]) }

    /// The agent on made-up streams in which nothing is an anomaly.
    func alarms(weeks: Int) throws -> EvaluationReport {
        let alarmsPerWeek = 1.0
        let series = try StationaryKind.allCases.enumerated().map { index, kind in
            try kind.series(
                rows: weeks * AlarmRateProtocol.week, interval: AlarmRateProtocol.interval, seed: UInt64(index + 1))
        }
        let run = try run(series, detectors: [encoder.detectors(hop: hop)[0]])
        let table = AlarmRateProtocol(alarmsPerWeek: alarmsPerWeek).table(of: run)
        return report("False alarms", run, [table], seriesFound: series.count)
    }

    /// - Parameter series: the normal run as the last.
    func tep(_ series: [DetectionSeries]) throws -> EvaluationReport {
        let faults = limited(Array(series.dropLast()))
        let run = try run(faults + [series.last!], isLimited: true)
        let table = TEPProtocol().table(of: run, normal: run.series.count - 1)
        let ranking = try RankingProtocol().tables(of: run, threads: threads)
        return report("Tennessee Eastman process", run, [table] + ranking, seriesFound: series.count)
    }

    func tssb(_ found: [(series: DetectionSeries, changes: [Int])]) throws -> EvaluationReport {
        let kept = limited(Array(found.indices)).map { found[$0] }
        let progress = EvaluationProgress("states of \(kept.count) series")
        defer { progress.finish() }
        let run = try DetectionRun(
            series: kept.map(\.series), detectors: encoder.detectors(hop: hop), threads: threads,
            progress: { progress.update($0) })
        let changes = kept.map(\.changes)
        var report = report(
            "Segmentation of time series", run, TSSBProtocol().tables(of: run, changes: changes),
            seriesFound: found.count)
        for index in report.panels.indices {
            let bounds = [0] + changes[index] + [run.series[index].rowCount]
            // Every other true segment is shaded.
            report.panels[index].truth = stride(from: 1, to: bounds.count - 1, by: 2).map {
                bounds[$0]..<bounds[$0 + 1]
            }
            report.panels[index].alarms = run.outputs[0][index].decisions?.changes ?? []
            report.panels[index].scores = []
        }
        return report
    }

    private func ranked(
        _ title: String, _ series: [DetectionSeries], published: [ResultTable.Row] = []
    ) throws -> EvaluationReport {
        let run = try run(series)
        var tables = try RankingProtocol().tables(of: run, threads: threads)
        tables[0].rows += published
        return report(title, run, tables, seriesFound: series.count)
    }

    private func run(
        _ series: [DetectionSeries], detectors: [any Detector]? = nil, isLimited: Bool = false
    ) throws -> DetectionRun {
        let series = isLimited ? series : limited(series)
        let progress = EvaluationProgress("detectors on \(series.count) series")
        defer { progress.finish() }
        return try DetectionRun(
            series: series, detectors: detectors ?? encoder.detectors(hop: hop, tiers: tiers) + Baselines.detectors,
            threads: threads,
            progress: { progress.update($0) })
    }

    /// Evenly spread, so that no group of a set is left out by its name.
    private func limited<Item>(_ series: [Item]) -> [Item] {
        guard let limit, limit < series.count else { return series }
        return (0..<limit).map { series[$0 * series.count / limit] }
    }

    private func report(
        _ title: String, _ run: DetectionRun, _ tables: [ResultTable], seriesFound: Int
    ) -> EvaluationReport {
        var report = EvaluationReport(set: title, title: title, tables: tables)
        let rows = run.series.reduce(0) { $0 + $1.rowCount }
        let anomalies = run.series.reduce(0) { $0 + $1.anomalies.count }
        report.facts =
            encoder.facts + [
                ("samples a step", "\(hop)"),
                (
                    "data",
                    "\(run.series.count) of \(seriesFound) series, \(rows) rows, \(anomalies) anomalies"
                ),
            ]
        for (detector, outputs) in zip(run.detectors, run.outputs) {
            let decisions = outputs.reduce(into: [String: Int]()) { $0.merge($1.adaptations) { $0 + $1 } }
            guard !decisions.isEmpty else { continue }
            let text = decisions.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
            report.facts.append(("adaptations of \(detector)", text))
        }
        report.panels = zip(run.series, run.outputs[0]).map { series, output in
            SeriesPanel(
                name: series.name, columns: series.columns, trainingRows: series.trainingRows,
                truth: series.anomalies, scores: output.scores, alarms: output.decisions?.alarms ?? [])
        }
        return report
    }
}
