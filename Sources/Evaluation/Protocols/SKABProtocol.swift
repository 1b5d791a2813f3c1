/// SKAB: rows pooled over all files behind the first 400 of each; F1, false-alarm and missed-alarm rate.
package struct SKABProtocol: Sendable {
    package static let trainingRows = 400
    /// The threshold of SKAB's own notebooks: a quantile of the training scores, and a factor.
    private static let quantile = 0.99
    private static let factor = 4.0 / 3

    package init() {}

    package func table(of run: DetectionRun) -> ResultTable {
        var table = ResultTable(
            title: "SKAB, rows pooled over all files",
            columns: [
                .init("F1"), .init("false alarms"), .init("missed"), .init("F1, alarms as shipped"),
                .init("best F1"),
            ])
        for (detector, name) in run.detectors.enumerated() {
            let outputs = run.outputs[detector]
            var byTraining = DetectionCounts()
            var shipped: DetectionCounts? = outputs.allSatisfy { $0.decisions != nil } ? DetectionCounts() : nil
            for (series, output) in zip(run.series, outputs) {
                let test = series.trainingRows..<series.rowCount
                let labels = series.labels[test]
                let threshold = Self.threshold(output.scores[..<series.trainingRows])
                byTraining += DetectionCounts(predictions: output.scores[test].map { $0 > threshold }, labels: labels)
                if let decisions = output.decisions {
                    shipped? += DetectionCounts(predictions: decisions.isAlarming[test], labels: labels)
                }
            }
            table.rows.append(
                .init(
                    name, MethodKind.of(name),
                    [
                        byTraining.f1, byTraining.falseAlarmRate, byTraining.missedAlarmRate, shipped?.f1,
                        Self.bestF1(run.series, outputs),
                    ]))
        }
        table.notes = [
            "F1, false alarms, missed: a row is predicted where its score is above 4/3 of the 99th percentile of the "
                + "file's 400 training rows, as in SKAB's notebooks; no label is used.",
            "Alarms as shipped: rows in which the agent's alarm was open; no label is used.",
            "Best F1: one threshold for all files, chosen on the labels.",
        ]
        return table
    }

    private static func threshold(_ scores: ArraySlice<Double>) -> Double {
        let sorted = scores.sorted()
        guard !sorted.isEmpty else { return .infinity }
        return factor * sorted[min(sorted.count - 1, Int(quantile * Double(sorted.count)))]
    }

    /// Over all thresholds.
    private static func bestF1(_ series: [DetectionSeries], _ outputs: [DetectorOutput]) -> Double {
        var rows: [(score: Double, label: Bool)] = []
        for (series, output) in zip(series, outputs) {
            let test = series.trainingRows..<series.rowCount
            rows += zip(output.scores[test], series.labels[test]).map { ($0, $1) }
        }
        rows.sort { $0.score > $1.score }
        let positives = rows.count { $0.label }
        var (found, best) = (0, 0.0)
        for (index, row) in rows.enumerated() {
            if row.label { found += 1 }
            // Rows of the same score are predicted together.
            if index + 1 < rows.count, rows[index + 1].score == row.score { continue }
            best = max(best, 2 * Double(found) / Double(index + 1 + positives))
        }
        return best
    }
}
