import Learning

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Tells which label a step has: from the first example by the nearest mean, with more of them by linear discriminants.
///
/// The shared covariance is the mean of its posterior under a conjugate prior: a part of the stream's own variance,
/// dimension by dimension, counts for `priorWeight` examples. So with one example of each label distances are those to
/// the nearest prototype; what the examples say of the covariance takes over as they come (regularised discriminant
/// analysis; Friedman, 1989). A step that the stream's steps as a whole explain better than the nearest label has none.
package struct LabelHead: Sendable, Equatable {
    package let names: [String]
    private let dimension: Int
    private let stride: Int
    private let directions: [Float]  // (labels, stride)
    private let offsets: [Float]  // (labels)
    private let means: [Float]  // (labels, stride)
    /// 1 over the variance within labels, and over that of all steps.
    private let within: [Float]  // (stride)
    private let overall: [Float]  // (stride)
    private let center: [Float]  // (stride)
    /// Half the sum of log-ratios of both variances.
    private let gain: Float

    /// Examples that the prior counts for.
    package static let priorWeight = 16.0
    /// Of the stream's variance, what the prior gives to one label.
    private static let priorShare = 0.25
    /// Share of the mean variance below which no dimension's is believed.
    private static let varianceFloor = 0.02
    /// Dimensions of an embedding say much the same: so many of them count.
    private static let effectiveDimensions: Float = 16

    /// Nil where there are no labels.
    package init?(_ statistics: LabelStatistics) {
        guard !statistics.isEmpty, statistics.total > 0 else { return nil }
        let (size, total) = (statistics.dimension, statistics.total)
        names = statistics.names
        dimension = size
        stride = VectorMath.padded(size)
        let variance = Self.variance(statistics)
        let degrees = max(0, total - Double(statistics.names.count)) + Self.priorWeight
        var covariance = statistics.scatter
        for row in 0..<size {
            for column in 0..<row { covariance[row * size + column] /= degrees }
            covariance[row * size + row] =
                (covariance[row * size + row] + Self.priorWeight * Self.priorShare * variance[row]) / degrees
        }
        let within = (0..<size).map { covariance[$0 * size + $0] }
        var directions: [Float] = []
        var offsets: [Float] = []
        // One factor serves all labels; what rounding left without one is solved as well as it goes.
        let factor = CholeskyFactor(covariance, size: size)
        for mean in statistics.means {
            var direction = mean
            if let factor { factor.solve(&direction) } else { direction = ConjugateGradients.solve(covariance, mean) }
            offsets.append(Float(-0.5 * zip(direction, mean).reduce(0) { $0 + $1.0 * $1.1 }))
            directions += Self.padded(direction)
        }
        self.directions = directions
        self.offsets = offsets
        means = statistics.means.flatMap(Self.padded)
        self.within = Self.padded(within.map { 1 / $0 })
        overall = Self.padded(variance.map { 1 / $0 })
        center = Self.padded(statistics.center)
        gain = Float(0.5 * zip(variance, within).reduce(0) { $0 + log($1.0 / $1.1) })
    }

    /// Variance of all steps with a floor; where none is known, that of the labels' means and examples.
    private static func variance(_ statistics: LabelStatistics) -> [Double] {
        let size = statistics.dimension
        var variance = statistics.variance
        if variance.allSatisfy({ $0 == 0 }) {
            let total = statistics.total
            for index in 0..<size {
                let mean = zip(statistics.counts, statistics.means).reduce(0) { $0 + $1.0 * $1.1[index] } / total
                let between = zip(statistics.counts, statistics.means).reduce(0) {
                    $0 + $1.0 * ($1.1[index] - mean) * ($1.1[index] - mean)
                }
                variance[index] = (between + statistics.scatter[index * size + index]) / total
            }
        }
        let floor = max(1e-9, varianceFloor * variance.reduce(0, +) / Double(size))
        return variance.map { $0 + floor }
    }

    private static func padded(_ values: [Double]) -> [Float] {
        values.map { Float($0) } + Array(repeating: 0, count: VectorMath.padded(values.count) - values.count)
    }

    /// How likely each label is for a step, and last that it has none; they sum to 1.
    ///
    /// - Parameter vector: `dimension` finite values, then zeros up to a multiple of eight.
    package func probabilities(of vector: [Float]) -> [Float] {
        var scores = self.scores(of: vector)
        let best = scores.indices.max { scores[$0] < scores[$1] } ?? 0
        let greatest = scores[best]
        var sum: Float = 0
        for index in scores.indices {
            scores[index] = exp(scores[index] - greatest)
            sum += scores[index]
        }
        let scale = min(1, Self.effectiveDimensions / Float(dimension))
        let known = 1 / (1 + exp(-max(-50, min(50, scale * evidence(of: best, vector)))))
        return scores.map { known * $0 / sum } + [1 - known]
    }

    /// The label whose discriminant is greatest, whether or not the step looks like any.
    package func nearest(to vector: [Float]) -> String {
        let scores = self.scores(of: vector)
        return names[scores.indices.max { scores[$0] < scores[$1] } ?? 0]
    }

    /// Linear discriminants: log-densities but for a term that all share.
    package func scores(of vector: [Float]) -> [Float] {
        vector.withUnsafeBufferPointer { vector in
            directions.withUnsafeBufferPointer { directions in
                names.indices.map {
                    VectorMath.dot(directions.baseAddress! + $0 * stride, vector.baseAddress!, stride) + offsets[$0]
                }
            }
        }
    }

    /// Log-ratio of the densities of the label and of all steps, each with a diagonal covariance.
    private func evidence(of label: Int, _ vector: [Float]) -> Float {
        var sum: Float = 0
        for index in 0..<dimension {
            let own = vector[index] - means[label * stride + index]
            let all = vector[index] - center[index]
            sum += all * all * overall[index] - own * own * within[index]
        }
        return gain + 0.5 * sum
    }
}
