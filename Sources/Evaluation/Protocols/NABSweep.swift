/// Scores of one detector over a whole corpus at many thresholds, for NAB's choice of one threshold.
struct NABSweep {
    /// Falling; the first finds nothing.
    let thresholds: [Double]
    private let scores: [[[Double]]]  // (profiles, thresholds, series)

    /// - Parameters:
    ///   - scores: (series, rows).
    ///   - scorers: (profiles, series).
    init(scores: [[Double]], scorers: [[NABScorer]], rule: AlarmRule) {
        let thresholds = Self.candidates(scores, scorers[0])
        self.thresholds = thresholds
        var found = scorers.map { _ in thresholds.map { _ in [Double](repeating: 0, count: scores.count) } }
        for (series, values) in scores.enumerated() {
            for (index, threshold) in thresholds.enumerated() {
                let alarms = rule.alarms(in: values, threshold: threshold)
                for profile in scorers.indices {
                    found[profile][index][series] = scorers[profile][series].score(detections: alarms)
                }
            }
        }
        self.scores = found
    }

    /// The threshold with the greatest sum over some series.
    func best(profile: Int = 0, over series: some Collection<Int>) -> Int {
        var best = (index: 0, sum: -Double.infinity)
        for index in thresholds.indices {
            let sum = sum(profile: profile, threshold: index, over: series)
            if sum > best.sum { best = (index, sum) }
        }
        return best.index
    }

    func sum(profile: Int = 0, threshold: Int, over series: some Collection<Int>) -> Double {
        series.reduce(0) { $0 + scores[profile][threshold][$1] }
    }

    /// Scores at ranks that grow by a twentieth: every one of the highest, few of the ordinary.
    private static func candidates(_ scores: [[Double]], _ scorers: [NABScorer]) -> [Double] {
        let pooled = zip(scores, scorers).flatMap { $0[min($0.count, $1.probation)...] }.sorted(by: >)
        var chosen: [Double] = [.infinity]
        var rank = 0
        while rank < pooled.count {
            if pooled[rank] < chosen.last! { chosen.append(pooled[rank]) }
            rank = max(rank + 1, rank + rank / 20)
        }
        return chosen
    }
}
