/// The Numenta Anomaly Benchmark over the series that are there: one threshold for all, chosen on their labels.
package struct NABProtocol: Sendable {
    /// Quiet rows after which an alarm can follow another; flat between 50 and 300 in a first prototype.
    static let rearm = 150

    package let profiles: [NABProfile]

    /// - Parameter profiles: the first is what the half-and-half and shipped columns use.
    package init(profiles: [NABProfile] = [.standard, .fewFalseAlarms, .fewMisses]) { self.profiles = profiles }

    /// Rows that are not scored and that detectors may be fitted on.
    package static func probation(rowCount: Int) -> Int { NABScorer(rowCount: rowCount, windows: []).probation }

    package func table(of run: DetectionRun, threads: Int) throws -> ResultTable {
        let scorers = profiles.map { profile in
            run.series.map { series in
                NABScorer(
                    rowCount: series.rowCount, windows: series.anomalies.map { $0.lowerBound...($0.upperBound - 1) },
                    profile: profile)
            }
        }
        let rows = try ParallelMap.run(Array(run.detectors.indices), threads: threads, cost: { _ in 1 }) { detector in
            self.values(of: run.outputs[detector], scorers)
        }
        var table = ResultTable(
            title: "NAB score (0: no detection at all, 100: perfect)",
            columns: [
                .init("one threshold", decimals: 1), .init("without alarm logic", decimals: 1),
                .init("threshold from the other half", decimals: 1), .init("as shipped", decimals: 1),
            ] + profiles.dropFirst().map { .init($0.name, decimals: 1) })
        for (name, values) in zip(run.detectors, rows) {
            table.rows.append(.init(name, MethodKind.of(name), values))
        }
        table.notes = [
            "The agent's scores are its event scores: what counts is when something begins. "
                + "One threshold over the whole corpus, chosen on its labels, as the benchmark's protocol has it; an alarm is "
                + "the first row at or above it, the next can follow after \(Self.rearm) quiet rows. Without alarm "
                + "logic every row at or above it is a detection.",
            "Threshold from the other half: chosen on every other series in the order of their names, scored on the "
                + "rest, and the other way round.",
            "As shipped: the alarms that subscribers of the agent get, with nothing chosen on labels.",
        ]
        return table
    }

    private func values(of outputs: [DetectorOutput], _ scorers: [[NABScorer]]) -> [Double?] {
        let all = Array(outputs.indices)
        // What counts here is when something begins.
        let scores = outputs.map { $0.eventScores ?? $0.scores }
        let sweep = NABSweep(scores: scores, scorers: scorers, rule: AlarmRule(rearm: Self.rearm))
        let plain = NABSweep(scores: scores, scorers: [scorers[0]], rule: AlarmRule(rearm: 0))
        func scaled(_ sum: Double, _ profile: Int = 0) -> Double? {
            let null = scorers[profile].reduce(0) { $0 + $1.nullScore }
            let perfect = scorers[profile].reduce(0) { $0 + $1.perfectScore }
            return perfect > null ? 100 * (sum - null) / (perfect - null) : nil
        }
        let halves = [all.filter { $0.isMultiple(of: 2) }, all.filter { !$0.isMultiple(of: 2) }]
        let crossed =
            sweep.sum(threshold: sweep.best(over: halves[1]), over: halves[0])
            + sweep.sum(threshold: sweep.best(over: halves[0]), over: halves[1])
        let shipped =
            outputs.allSatisfy { $0.decisions != nil }
            ? zip(outputs, scorers[0]).reduce(0.0) { $0 + $1.1.score(detections: $1.0.decisions!.alarms) } : nil
        return [
            scaled(sweep.sum(threshold: sweep.best(over: all), over: all)),
            scaled(plain.sum(threshold: plain.best(over: all), over: all)),
            all.count > 1 ? scaled(crossed) : nil, shipped.flatMap { scaled($0) },
        ]
            + profiles.indices.dropFirst().map { profile in
                scaled(
                    sweep.sum(profile: profile, threshold: sweep.best(profile: profile, over: all), over: all), profile)
            }
    }
}
