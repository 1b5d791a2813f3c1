import Learning
import SedgeCore

/// Recognition from a few labelled windows of the person herself: those of her windows are asked that share no sample
/// with these.
enum FewLabels {
    /// Times that windows to label are drawn.
    static let draws = 10
    private static let ridge = 0.1

    /// Mean accuracy over the draws.
    /// - Parameters:
    ///   - features: (windows, features).
    ///   - spans: of each window, as in `LabelledWindows`.
    ///   - shots: labelled windows of each class; where a class has no more, all but one.
    /// - Returns: 0 where no draw leaves a window to ask about.
    static func accuracy(
        _ features: [[Double]], labels: [Int], spans: [Range<Int>], shots: Int, seed: UInt64
    ) -> Double {
        let rows = standardised(features)
        let classes = Set(labels).sorted()
        var random = SeededRandom(seed: seed)
        var (sum, counted) = (0.0, 0)
        for _ in 0..<draws {
            var known: [Int] = []
            for label in classes {
                let own = labels.indices.filter { labels[$0] == label }.shuffled(using: &random)
                known += own.prefix(max(1, min(shots, own.count - 1)))
            }
            let asked = LabelledWindows.apart(from: known, spans)
            guard !asked.isEmpty else { continue }
            counted += 1
            let answers = answers(rows, known: known, labels: labels, classes: classes, asked: asked)
            sum += Double(zip(asked, answers).count { labels[$0] == $1 }) / Double(asked.count)
        }
        return sum / Double(max(1, counted))
    }

    /// By ridge regression, one class against the rest; in its dual form, since labels are fewer than features.
    private static func answers(
        _ rows: [[Double]], known: [Int], labels: [Int], classes: [Int], asked: [Int]
    ) -> [Int] {
        let count = known.count
        var kernel = [Double](repeating: 0, count: count * count)
        var trace = 0.0
        for i in 0..<count {
            for j in 0...i {
                let value = dot(rows[known[i]], rows[known[j]])
                kernel[i * count + j] = value
                kernel[j * count + i] = value
            }
            trace += kernel[i * count + i]
        }
        for i in 0..<count { kernel[i * count + i] += ridge * trace / Double(count) }
        guard let factor = CholeskyFactor(kernel, size: count) else { return asked.map { _ in classes[0] } }
        let weights = classes.map { label in
            let targets = known.map { labels[$0] == label ? 1.0 : -1.0 }
            let mean = targets.reduce(0, +) / Double(count)
            var solution = targets.map { $0 - mean }
            factor.solve(&solution)
            return (solution, mean)
        }
        return asked.map { row in
            let similar = known.map { dot(rows[$0], rows[row]) }
            let scores = weights.map { weight, mean in zip(weight, similar).reduce(mean) { $0 + $1.0 * $1.1 } }
            return classes[scores.indices.max { scores[$0] < scores[$1] }!]
        }
    }

    /// By mean and deviation of all the person's windows, which need no labels.
    private static func standardised(_ features: [[Double]]) -> [[Double]] {
        let (count, width) = (Double(features.count), features.first?.count ?? 0)
        var (means, deviations) = ([Double](repeating: 0, count: width), [Double](repeating: 0, count: width))
        for row in features { for index in 0..<width { means[index] += row[index] / count } }
        for row in features {
            for index in 0..<width { deviations[index] += (row[index] - means[index]) * (row[index] - means[index]) }
        }
        deviations = deviations.map { ($0 / count).squareRoot() + 1e-3 }
        return features.map { row in row.indices.map { (row[$0] - means[$0]) / deviations[$0] } }
    }

    private static func dot(_ a: [Double], _ b: [Double]) -> Double {
        var sum = 0.0
        for index in a.indices { sum += a[index] * b[index] }
        return sum
    }
}
