package import Learning
import SedgeCore

/// Measures a run on generated signals of a seed that training does not use.
package struct HeldOutEvaluation: Sendable {
    private let batches: [PretextBatch]
    private let targets: PretextTargets

    /// - Parameter count: batches of 8,192 steps.
    package init(patch: Int, targets: PretextTargets, seed: UInt64, count: Int, rows: Int = 8192) {
        let maker = BatchMaker(patch: patch, targets: targets, rows: rows, seed: seed)
        batches = (0..<count).map { maker.batch($0) }
        self.targets = targets
    }

    /// `embed` gives the embeddings of a batch of patches, in float or in int8.
    package func report(
        objective: PretextObjective, using gemm: some MatrixMultiply, embed: (PretextBatch) -> Matrix
    ) -> HeldOutReport {
        var objective = objective
        var sums = (model: Sums(targets), last: Sums(targets), mean: Sums(targets))
        var kept: [Float] = []
        var dimensions = 0
        for batch in batches {
            let embeddings = embed(batch)
            dimensions = embeddings.columns
            // Neighbouring steps are alike; every 16th row says as much about the spectrum.
            for row in stride(from: 0, to: embeddings.rows, by: 16) {
                kept += embeddings.values[row * dimensions..<(row + 1) * dimensions]
            }
            sums.model.add(objective.predict(embeddings, using: gemm), batch)
            let width = batch.patches.columns
            sums.last.add(constant(batch) { batch.patches[$0, width - 1] }, batch)
            sums.mean.add(
                constant(batch) { row in
                    batch.patches.values[row * width..<(row + 1) * width].reduce(0, +) / Float(width)
                }, batch)
        }
        func row(_ part: KeyPath<Sums, Double>) -> HeldOutReport.Row {
            .init(model: sums.model[keyPath: part], lastValue: sums.last[keyPath: part], mean: sums.mean[keyPath: part])
        }
        let spectrum = Spectrum(
            of: Matrix(rows: kept.count / max(1, dimensions), columns: dimensions, values: kept))
        return HeldOutReport(
            masked: row(\.masked), near: row(\.near), far: row(\.far), effectiveRank: spectrum.effectiveRank,
            dimensions: dimensions)
    }

    private func constant(_ batch: PretextBatch, _ value: (Int) -> Float) -> Matrix {
        Matrix(rows: batch.targets.rows, columns: targets.columns) { rows in
            for row in 0..<batch.targets.rows {
                (rows + row * targets.columns).initialize(repeating: value(row), count: targets.columns)
            }
        }
    }

    /// Huber losses of one answer, summed by kind of target.
    private struct Sums {
        private let targets: PretextTargets
        private var losses: [Double]
        private var weights: [Double]

        init(_ targets: PretextTargets) {
            self.targets = targets
            losses = Array(repeating: 0, count: targets.columns)
            weights = losses
        }

        mutating func add(_ prediction: Matrix, _ batch: PretextBatch) {
            var weight = batch.weights
            for row in 0..<weight.rows {
                // Only what was blanked counts as reconstruction, and of the far windows only the means.
                for column in 0..<targets.history where weight[row, column] < 1 { weight[row, column] = 0 }
            }
            let result = HuberLoss().evaluate(prediction, target: batch.targets, weight: weight)
            for column in losses.indices {
                losses[column] += result.columnSums[column]
                weights[column] += result.columnWeights[column]
            }
        }

        private func mean(_ columns: some Sequence<Int>) -> Double {
            let (loss, weight) = columns.reduce((0.0, 0.0)) { ($0.0 + losses[$1], $0.1 + weights[$1]) }
            return weight > 0 ? loss / weight : 0
        }

        var masked: Double { mean(0..<targets.history) }
        var near: Double { mean(targets.history..<targets.history + targets.future) }
        var far: Double { mean(stride(from: targets.history + targets.future, to: targets.columns, by: 2)) }
    }
}
