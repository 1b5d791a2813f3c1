/// How well scores rank anomalous rows: areas and volumes, means over the series that have both kinds of rows.
package struct RankingProtocol: Sendable {
    /// L of the volumes, in rows.
    package static let window = 100

    /// Figures of one detector on one series; nil where a class is missing.
    struct Figures: Sendable {
        var volume: VolumeUnderSurface
        var roc: Double
        var precisionRecall: Double
        var rangeF1: Double

        init?(scores: [Double], labels: [Bool]) {
            guard let volume = VolumeUnderSurface(scores: scores, labels: labels, window: window),
                let roc = AreaUnderCurve.roc(scores: scores, labels: labels),
                let area = AreaUnderCurve.precisionRecall(scores: scores, labels: labels)
            else { return nil }
            self.volume = volume
            self.roc = roc
            precisionRecall = area
            rangeF1 = RangeF1.best(scores: scores, labels: labels)
        }
    }

    package init() {}

    /// The summary, and VUS-PR of each series.
    package func tables(of run: DetectionRun, threads: Int) throws -> [ResultTable] {
        let jobs = run.detectors.indices.flatMap { d in run.series.indices.map { (detector: d, series: $0) } }
        let found = try ParallelMap.run(jobs, threads: threads, cost: { run.series[$0.series].rowCount }) { job in
            let series = run.series[job.series]
            let scores = run.outputs[job.detector][job.series].scores
            return Figures(
                scores: Array(scores[series.trainingRows...]), labels: Array(series.labels[series.trainingRows...]))
        }
        let figures = run.detectors.indices.map {
            Array(found[($0 * run.series.count)..<(($0 + 1) * run.series.count)])
        }
        let used = run.series.indices.filter { figures[0][$0] != nil }
        let first = used.map { figures[0][$0]!.volume.precisionRecall }
        var summary = ResultTable(
            title: "Ranking of rows, means over \(used.count) series",
            columns: [
                .init("VUS-PR"), .init("less than ours by"), .init("95 % from"), .init("to"), .init("VUS-ROC"),
                .init("AUC-PR"), .init("AUC-ROC"), .init("range F1"),
            ])
        for (detector, name) in run.detectors.enumerated() {
            let own = used.map { figures[detector][$0]! }
            func mean(_ value: (Figures) -> Double) -> Double? {
                own.isEmpty ? nil : own.reduce(0) { $0 + value($1) } / Double(own.count)
            }
            let difference =
                detector == 0
                ? nil : PairedDifference(zip(first, own).map { $0 - $1.volume.precisionRecall })
            summary.rows.append(
                .init(
                    name, MethodKind.of(name),
                    [
                        mean(\.volume.precisionRecall), difference?.mean, difference?.interval.lowerBound,
                        difference?.interval.upperBound, mean(\.volume.roc), mean(\.precisionRecall), mean(\.roc),
                        mean(\.rangeF1),
                    ]))
        }
        summary.notes = [
            "VUS with L = \(Self.window) rows. The interval of the paired difference to the first row is a bootstrap "
                + "over series. Range F1: the best of 100 thresholds, chosen on the labels of each series.",
            "Rows to train on are not scored. Series without an anomalous row behind them are left out: "
                + "\(run.series.count - used.count) of \(run.series.count).",
        ]
        var each = ResultTable(title: "VUS-PR of each series", columns: run.detectors.map { .init($0) })
        each.isDetail = true
        for index in used {
            each.rows.append(
                .init(run.series[index].name, .agent, figures.map { $0[index]!.volume.precisionRecall }))
        }
        return [summary, each]
    }
}
