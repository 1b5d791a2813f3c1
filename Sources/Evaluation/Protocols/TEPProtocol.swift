/// Tennessee Eastman process: how many faulty rows are found at 1 % false alarms.
package struct TEPProtocol: Sendable {
    private static let falseAlarmRate = 0.01

    package init() {}

    /// - Parameter normal: the series without a fault, by whose scores the threshold is set; it has the same training
    ///   rows as the others.
    package func table(of run: DetectionRun, normal: Int) -> ResultTable {
        let faults = run.series.indices.filter { $0 != normal }
        var table = ResultTable(
            title: "Detection rate at 1 % false alarms, mean over \(faults.count) faults",
            columns: [.init("detected"), .init("false alarms before the fault"), .init("faults 3, 9, 15 left out")])
        for (detector, name) in run.detectors.enumerated() {
            let threshold = Self.threshold(run.outputs[detector][normal].scores[run.series[normal].trainingRows...])
            var counts: [Int: DetectionCounts] = [:]
            for index in faults {
                let series = run.series[index]
                let test = series.trainingRows..<series.rowCount
                counts[index] = DetectionCounts(
                    predictions: run.outputs[detector][index].scores[test].map { $0 > threshold },
                    labels: series.labels[test])
            }
            func mean(_ indices: [Int], _ value: (DetectionCounts) -> Double) -> Double? {
                indices.isEmpty ? nil : indices.reduce(0) { $0 + value(counts[$1]!) } / Double(indices.count)
            }
            let visible = faults.filter { !Self.hidden.contains(run.series[$0].name) }
            table.rows.append(
                .init(
                    name, MethodKind.of(name),
                    [
                        mean(faults) { 1 - $0.missedAlarmRate }, mean(faults, \.falseAlarmRate),
                        mean(visible) { 1 - $0.missedAlarmRate },
                    ]))
        }
        table.notes = [
            "The threshold is the 99th percentile of the scores of the normal test run; no label of a fault is used.",
            "Faults 3, 9 and 15 leave no trace that methods of the literature find.",
        ]
        return table
    }

    private static let hidden: Set<String> = ["d03", "d09", "d15"]

    private static func threshold(_ scores: ArraySlice<Double>) -> Double {
        let sorted = scores.sorted()
        return sorted[max(0, min(sorted.count - 1, Int((1 - falseAlarmRate) * Double(sorted.count))))]
    }
}
