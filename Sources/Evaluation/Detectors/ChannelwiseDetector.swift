/// A baseline: one model a channel, fitted on the first 70 % of the training rows and never again.
///
/// Each channel's scores become −ln p by the remaining 30 %, and the three most unusual channels are summed, so that
/// scores of different channels and series can be compared.
struct ChannelwiseDetector: Detector {
    let name: String
    let model: any ChannelModel

    private static let fittedShare = 0.7
    private static let channelsThatCount = 3
    /// Squares of sums stay finite.
    private static let limit = 1e6

    func run(on series: DetectionSeries) -> DetectorOutput {
        let fitted = Int(Double(series.trainingRows) * Self.fittedShare)
        let evidence = series.columns.map { column in
            let scores = model.scores(of: Self.standardised(column, fitted: fitted), fitted: fitted)
            let tail = TailCalibration(scores[fitted..<series.trainingRows])
            return scores.map(tail.surprise)
        }
        guard evidence.count > 1 else { return DetectorOutput(scores: evidence[0]) }
        return DetectorOutput(
            scores: (0..<series.rowCount).map { row in
                evidence.map { $0[row] }.sorted(by: >).prefix(Self.channelsThatCount).reduce(0, +)
            })
    }

    /// Missing values as the last before them; mean 0 and deviation 1 over the rows to fit on.
    static func standardised(_ column: [Double], fitted: Int) -> [Double] {
        var last = column.first(where: \.isFinite) ?? 0
        let filled = column.map { value in
            if value.isFinite { last = max(-1e150, min(1e150, value)) }
            return last
        }
        guard fitted > 0 else { return filled }
        let known = filled[..<fitted]
        let mean = known.reduce(0, +) / Double(fitted)
        let variance = known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(fitted)
        // What never moved in training keeps its unit.
        let scale = variance > 1e-18 * mean * mean && variance > 0 ? variance.squareRoot() : 1
        return filled.map { max(-limit, min(limit, ($0 - mean) / scale)) }
    }
}
