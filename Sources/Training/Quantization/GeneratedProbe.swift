package import Learning
import Preprocessing
import SedgeCore

/// A quick task without anyone's data: which family of generated signals does a linear reader of frozen embeddings see?
///
/// Each series is one draw of one family, normalised as on the device. The reader sees mean and spread of the
/// embeddings over a window.
package struct GeneratedProbe: Sendable {
    private let training: PretextBatch
    private let test: PretextBatch
    private let labels: [Int32]

    private static let steps = 96
    /// Steps that are averaged, the last ones.
    private static let window = 64
    private static let hop = 4
    private static let lead = 256

    /// - Parameter seriesPerFamily: in training and in test each.
    package init(_ shape: NetworkShape, seed: UInt64, seriesPerFamily: Int = 60) {
        var random = SeededRandom(seed: seed)
        labels = SignalFamily.allCases.indices.flatMap { family in
            Array(repeating: Int32(family), count: seriesPerFamily)
        }
        training = Self.batch(labels, shape, &random)
        test = Self.batch(labels, shape, &random)
    }

    /// Series that are judged.
    package var count: Int { labels.count }

    /// A reader that learned from one half of the series.
    /// - Parameter embed: embeddings of a batch.
    package func reader(using gemm: some MatrixMultiply, embed: (PretextBatch) -> Matrix) -> LinearProbe {
        LinearProbe(features(embed(training)), labels: labels, classes: SignalFamily.allCases.count, using: gemm)
    }

    /// Which series of the other half a reader tells right.
    package func rightAnswers(
        _ reader: LinearProbe, using gemm: some MatrixMultiply, embed: (PretextBatch) -> Matrix
    ) -> [Bool] {
        zip(reader.predict(features(embed(test)), using: gemm), labels).map { $0 == $1 }
    }

    /// Mean and standard deviation of each dimension over a window: (series, 2 · embedding).
    private func features(_ embeddings: Matrix) -> Matrix {
        let (lanes, width) = (labels.count, embeddings.columns)
        var sums = Matrix(rows: lanes, columns: 2 * width)
        for step in Self.steps - Self.window..<Self.steps {
            for lane in 0..<lanes {
                for column in 0..<width {
                    let value = embeddings[step * lanes + lane, column]
                    sums[lane, column] += value
                    sums[lane, width + column] += value * value
                }
            }
        }
        let share = 1 / Float(Self.window)
        for lane in 0..<lanes {
            for column in 0..<width {
                let mean = sums[lane, column] * share
                sums[lane, column] = mean
                sums[lane, width + column] = max(0, sums[lane, width + column] * share - mean * mean).squareRoot()
            }
        }
        return sums
    }

    private static func batch(_ labels: [Int32], _ shape: NetworkShape, _ random: inout SeededRandom) -> PretextBatch {
        let (lanes, patch) = (labels.count, shape.patch)
        var patches = Matrix(rows: steps * lanes, columns: shape.stemInputs)
        for (lane, label) in labels.enumerated() {
            for input in 0..<shape.inputs {
                let raw = SignalFamily.allCases[Int(label)].draw(lead + patch + steps * hop, &random)
                var normalizer = RobustNormalizer()
                let values = raw.map { normalizer.normalize($0) }
                for step in 0..<steps {
                    for index in 0..<patch {
                        patches[step * lanes + lane, input * patch + index] = values[lead + step * hop + index]
                    }
                }
            }
        }
        let none = Matrix(rows: patches.rows, columns: 0)
        return PretextBatch(lanes: lanes, patches: patches, targets: none, weights: none, pairs: [])
    }
}
