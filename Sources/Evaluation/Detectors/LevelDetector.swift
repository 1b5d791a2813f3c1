import Preprocessing

/// How far a row lies from a slow average, as a mean over the last `smoothing` rows; the three largest channels summed.
///
/// Learns from all rows, training or not, as the normaliser on the device does.
struct LevelDetector: Detector {
    enum Scale: Sendable {
        /// The agent's own `SlowLevel`.
        case plain
        /// The agent's own `RobustNormalizer`.
        case robust
    }

    let name: String
    let scale: Scale
    let smoothing: Int

    private static let ceiling: Float = 1000
    private static let channelsThatCount = 3

    init(_ scale: Scale, smoothing: Int) {
        let mean = smoothing > 1 ? ", mean of \(smoothing)" : ""
        name = (scale == .plain ? "slow |z|" : "robust |z|") + mean
        self.scale = scale
        self.smoothing = smoothing
    }

    func run(on series: DetectionSeries) -> DetectorOutput {
        let channels = series.columns.map { RunningMean.of(magnitudes($0), over: smoothing) }
        guard channels.count > 1 else { return DetectorOutput(scores: channels[0]) }
        return DetectorOutput(
            scores: (0..<series.rowCount).map { row in
                channels.map { $0[row] }.sorted(by: >).prefix(Self.channelsThatCount).reduce(0, +)
            })
    }

    private func magnitudes(_ column: [Double]) -> [Double] {
        switch scale {
        case .plain:
            var level = SlowLevel()
            return column.map { abs(level.standardise($0)) }
        case .robust:
            var normalizer = RobustNormalizer(clip: Self.ceiling)
            return column.map { Double(abs(normalizer.normalize($0))) }
        }
    }
}
