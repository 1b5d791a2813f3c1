/// All detectors on all series of a set.
package struct DetectionRun: Sendable {
    package let series: [DetectionSeries]
    package let detectors: [String]
    package let outputs: [[DetectorOutput]]  // (detectors, series)

    /// - Parameter progress: called on the working threads with the share of the work that is done.
    package init(
        series: [DetectionSeries], detectors: [any Detector], threads: Int,
        progress: @escaping @Sendable (Double) -> Void = { _ in }
    ) throws {
        self.series = series
        self.detectors = detectors.map(\.name)
        let jobs = detectors.indices.flatMap { detector in series.indices.map { (detector: detector, series: $0) } }
        let found = try ParallelMap.run(
            jobs, threads: threads,
            cost: { job in
                // The encoder costs a multiple of what baselines do.
                let factor = detectors[job.detector] is AgentDetector ? 20 : 1
                return factor * series[job.series].rowCount * series[job.series].columns.count
            }, progress: progress
        ) { try detectors[$0.detector].run(on: series[$0.series]) }
        outputs = detectors.indices.map { Array(found[($0 * series.count)..<(($0 + 1) * series.count)]) }
    }
}
