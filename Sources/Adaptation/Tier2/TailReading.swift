import Inference
import Learning
import SedgeCore

/// What one tail makes of the replay: heads are fitted freshly on one part and judged on another, so that no head which
/// was trained beside an encoder speaks for it. Runs the very int8 kernels that the agent runs.
struct TailReading {
    private let tail: PackedTail
    private let encoder: TailEncoder
    private let dimensions: Int
    private var regression: RidgeRegression
    private var distribution: GaussianDistribution?
    private var objective: PretextObjective
    private var probe: LinearProbe?
    private var known: (rows: [Float], labels: [Int32]) = ([], [])
    private var asked: (rows: [Float], labels: [Int32]) = ([], [])
    private let classes: Int

    /// Sums over the held-out part.
    private var batches = 0.0
    private var lossSum = 0.0
    private var predictionSum = 0.0
    private var sums: [Double]  // (columns)
    private var squares: [Double]  // (columns)
    private var errors: [Double]  // (columns)
    private var counted = 0.0
    /// Anomaly scores of the held-out rows, in their order.
    private(set) var scores: [Float] = []

    private static let gemm = PlainMatrixMultiply()
    /// Labelled rows that are kept for the probe, of each part.
    private static let labelledLimit = 2048

    init(_ tail: PackedTail, encoder: TailEncoder, objective: PretextObjective, classes: Int) {
        self.tail = tail
        self.encoder = encoder
        self.objective = objective
        self.classes = classes
        dimensions = tail.embedding
        let columns = objective.targets.columns
        regression = RidgeRegression(inputs: dimensions, outputs: columns)
        sums = Array(repeating: 0, count: columns)
        (squares, errors) = (sums, sums)
    }

    /// Another tail, to be read in the same way.
    func fresh(_ tail: PackedTail) -> Self {
        Self(tail, encoder: encoder, objective: objective, classes: classes)
    }

    /// Learns from a batch of the training part.
    mutating func learn(_ batch: ReplayBatch) {
        let embeddings = embed(batch)
        regression.add(embeddings, batch.pretext.targets) { Self.isWhole(batch.pretext.weights, row: $0) }
        Self.collect(embeddings, batch.pretext.classes, into: &known)
    }

    /// What `fit` has found.
    var head: Pointwise { objective.head }

    /// Between learning and judging. False where there was nothing to learn from.
    mutating func fit() -> Bool {
        guard let solution = regression.solution(), let distribution = regression.distribution() else { return false }
        objective.head.weight.value = solution.weight
        objective.head.bias!.value = solution.bias
        self.distribution = distribution
        if !known.labels.isEmpty {
            let rows = Matrix(rows: known.labels.count, columns: dimensions, values: known.rows)
            probe = LinearProbe(rows, labels: known.labels, classes: classes, using: Self.gemm)
            known = ([], [])
        }
        return true
    }

    /// Judges by a batch of the held-out part.
    mutating func judge(_ batch: ReplayBatch) {
        let embeddings = embed(batch)
        var unlabelled = batch.pretext
        unlabelled.classes = []
        let loss = objective.evaluate(embeddings, unlabelled, using: Self.gemm).loss
        batches += 1
        lossSum += loss.total
        predictionSum += loss.total - Double(objective.tasks.vicreg) * loss.regularization.total
        let predictions = objective.predict(embeddings, using: Self.gemm)
        let targets = batch.pretext.targets
        for row in 0..<embeddings.rows where Self.isWhole(batch.pretext.weights, row: row) {
            counted += 1
            for column in sums.indices {
                let target = Double(targets[row, column])
                sums[column] += target
                squares[column] += target * target
                let error = target - Double(predictions[row, column])
                errors[column] += error * error
            }
            let values = embeddings.values[row * dimensions..<(row + 1) * dimensions]
            scores.append(Float(distribution?.distance(values) ?? 0))
        }
        Self.collect(embeddings, batch.pretext.classes, into: &asked)
    }

    var loss: Double { lossSum / max(1, batches) }
    var predictionLoss: Double { predictionSum / max(1, batches) }

    /// Share of the held-out targets' variance that the fresh head explains; 0 where nothing varies.
    var explained: Double {
        guard counted > 1 else { return 0 }
        var variance = 0.0
        for column in sums.indices {
            variance += squares[column] / counted - (sums[column] / counted) * (sums[column] / counted)
        }
        let error = errors.reduce(0, +) / counted
        return variance > 1e-6 ? 1 - error / variance : 0
    }

    /// Mean anomaly score of the held-out part; it was 1 on the part that was learned from.
    var novelty: Double { scores.isEmpty ? 0 : scores.reduce(0.0) { $0 + Double($1) } / Double(scores.count) }

    /// Balanced accuracy of the fresh probe on held-out labels; nil without any.
    var labelAccuracy: Double? {
        guard let probe, !asked.labels.isEmpty else { return nil }
        let rows = Matrix(rows: asked.labels.count, columns: dimensions, values: asked.rows)
        return probe.balancedAccuracy(rows, labels: asked.labels, using: Self.gemm)
    }

    private func embed(_ batch: ReplayBatch) -> Matrix {
        let rows = batch.pretext.targets.rows
        var values = [Float](repeating: 0, count: rows * dimensions)
        var output = values.mutableSpan
        encoder.embed(batch.frames.span, with: tail, into: &output)
        return Matrix(rows: rows, columns: dimensions, values: values)
    }

    private static func isWhole(_ weights: Matrix, row: Int) -> Bool {
        weights[row, weights.columns - 1] > 0 && weights[row, weights.columns / 2] > 0
    }

    private static func collect(
        _ embeddings: Matrix, _ classes: [Int32], into store: inout (rows: [Float], labels: [Int32])
    ) {
        let width = embeddings.columns
        for (row, label) in classes.enumerated()
        where label != CrossEntropyLoss.unknown && store.labels.count < labelledLimit {
            store.rows += embeddings.values[row * width..<(row + 1) * width]
            store.labels.append(label)
        }
    }
}
