import Learning
import SedgeCore

/// Some segments as one batch: frames for the tail, and what its embeddings must tell.
///
/// Targets of a step are its own samples, those of the patch that follows, and mean and spread of the one after that.
struct ReplayBatch {
    /// Rows are time-major: row t · segments + segment.
    var frames: [Int8]  // (rows, k, C)
    var pretext: PretextBatch

    static func targets(patch: Int) -> PretextTargets {
        PretextTargets(history: patch, future: patch, horizons: [patch], shapes: [])
    }

    /// - Parameters:
    ///   - classes: of each segment; `CrossEntropyLoss.unknown` where it has none.
    ///   - lags: steps between the two rows of a pair, chosen anew for each.
    init(
        _ segments: [ReplaySegment], classes: [Int32], tapBytes: Int, patch: Int, unit: Float, lags: ClosedRange<Int>,
        random: inout SeededRandom
    ) {
        let lanes = segments.count
        let steps = segments[0].samples.count / patch
        let columns = Self.targets(patch: patch).columns
        var frames = [Int8](repeating: 0, count: steps * lanes * tapBytes)
        var targets = Matrix(rows: steps * lanes, columns: columns)
        var weights = Matrix(rows: steps * lanes, columns: columns)
        var pairs: [PretextBatch.Pair] = []
        for (lane, segment) in segments.enumerated() {
            // Steps to the first patch that shares no sample with this one.
            let stride = (patch + segment.hop - 1) / segment.hop
            for step in 0..<steps {
                let row = step * lanes + lane
                for index in 0..<tapBytes {
                    frames[row * tapBytes + index] = segment.tapped[step * tapBytes + index]
                }
                func patchValues(_ step: Int) -> [Float]? {
                    guard step < steps else { return nil }
                    return segment.samples[step * patch..<(step + 1) * patch].map { Float($0) * unit }
                }
                func set(_ first: Int, _ values: [Float]) {
                    for (index, value) in values.enumerated() {
                        targets[row, first + index] = value
                        weights[row, first + index] = 1
                    }
                }
                set(0, patchValues(step)!)
                if let next = patchValues(step + stride) { set(patch, next) }
                if let far = patchValues(step + 2 * stride) {
                    let mean = far.reduce(0, +) / Float(patch)
                    set(2 * patch, [mean, far.reduce(0) { $0 + abs($1 - mean) } / Float(patch)])
                }
            }
            for step in 0..<steps {
                let lag = lags.lowerBound + Int(random.next() % UInt64(lags.count))
                guard step + lag < steps else { continue }
                pairs.append(.init(first: step * lanes + lane, second: (step + lag) * lanes + lane))
            }
        }
        self.frames = frames
        pretext = PretextBatch(
            lanes: lanes, patches: Matrix(rows: steps * lanes, columns: 0), targets: targets, weights: weights,
            pairs: pairs, classes: (0..<steps * lanes).map { classes[$0 % lanes] })
    }
}
