package import Learning
import SedgeCore

/// Measures a run on signals that training does not use: generated ones of another seed, or recordings kept from it.
package struct HeldOutEvaluation: Sendable {
    private let batches: [PretextBatch]
    private let targets: PretextTargets
    private let inputs: Int

    /// Rows that the geometry of the embeddings is judged on, and the pairs of them.
    private static let geometryRows = 1024

    /// - Parameters:
    ///   - recordings: what crops are cut from; empty: signals are generated.
    ///   - count: batches.
    package init(_ recipe: BatchRecipe, seed: UInt64, count: Int, recordings: [TrainingSeries] = []) {
        var recipe = recipe
        recipe.generatedShare = recordings.isEmpty ? 1 : 0
        let maker = BatchMaker(recipe, seed: seed, recordings: recordings)
        batches = (0..<count).map { maker.batch($0) }
        targets = recipe.targets
        inputs = recipe.inputs
    }

    package init(patch: Int, targets: PretextTargets, seed: UInt64, count: Int, rows: Int = 8192) {
        self.init(BatchRecipe(patch: patch, targets: targets, rows: rows), seed: seed, count: count)
    }

    /// `embed` gives the embeddings of a batch of patches, in float or in int8.
    package func report(
        objective: PretextObjective, using gemm: some MatrixMultiply, embed: (PretextBatch) -> Matrix
    ) -> HeldOutReport {
        var sums = (model: Sums(targets, inputs), last: Sums(targets, inputs), mean: Sums(targets, inputs))
        var kept: [Float] = []
        var views: (first: [Float], second: [Float]) = ([], [])
        var dimensions = 0
        var loss = 0.0
        for batch in batches {
            let embeddings = embed(batch)
            dimensions = embeddings.columns
            // Neighbouring steps are alike; every 16th row says as much about the spectrum.
            kept += embeddings.gather(Array(stride(from: 0, to: embeddings.rows, by: 16))).values
            let pairs = Self.some(batch.pairs, Self.geometryRows / batches.count)
            views.first += embeddings.gather(pairs.map(\.first)).values
            views.second += embeddings.gather(pairs.map(\.second)).values
            var objective = objective
            loss += objective.evaluate(embeddings, batch, using: gemm).loss.total / Double(batches.count)
            sums.model.add(objective.predict(embeddings, using: gemm), batch)
            sums.last.add(constant(batch) { $0.last! }, batch)
            sums.mean.add(constant(batch) { $0.reduce(0, +) / Float($0.count) }, batch)
        }
        func row(_ part: KeyPath<Sums, Double>) -> HeldOutReport.Row {
            .init(model: sums.model[keyPath: part], lastValue: sums.last[keyPath: part], mean: sums.mean[keyPath: part])
        }
        func matrix(_ values: [Float]) -> Matrix {
            Matrix(rows: values.count / max(1, dimensions), columns: dimensions, values: values)
        }
        return HeldOutReport(
            loss: loss, masked: row(\.masked), near: row(\.near), far: row(\.far),
            effectiveRank: Spectrum(of: matrix(kept)).effectiveRank, dimensions: dimensions,
            geometry: views.first.count >= 2 * dimensions
                ? EmbeddingGeometry(matrix(views.first), matrix(views.second), using: gemm) : nil)
    }

    private static func some(_ pairs: [PretextBatch.Pair], _ limit: Int) -> [PretextBatch.Pair] {
        let count = min(max(1, limit), pairs.count)
        return (0..<count).map { pairs[$0 * pairs.count / count] }
    }

    /// One value of each channel's patch as the answer to everything about the channel.
    private func constant(_ batch: PretextBatch, _ value: (ArraySlice<Float>) -> Float) -> Matrix {
        let width = batch.patches.columns / inputs
        return Matrix(rows: batch.targets.rows, columns: batch.targets.columns) { rows in
            for row in 0..<batch.targets.rows {
                for input in 0..<inputs {
                    let cell = row * inputs + input
                    (rows + cell * targets.columns).initialize(
                        repeating: value(batch.patches.values[cell * width..<(cell + 1) * width]),
                        count: targets.columns)
                }
            }
        }
    }

    /// Huber losses of one answer, summed by kind of target.
    private struct Sums {
        private let targets: PretextTargets
        private var losses: [Double]
        private var weights: [Double]

        init(_ targets: PretextTargets, _ inputs: Int) {
            self.targets = targets
            losses = Array(repeating: 0, count: inputs * targets.columns)
            weights = losses
        }

        mutating func add(_ prediction: Matrix, _ batch: PretextBatch) {
            // Only what was blanked counts as reconstruction.
            var weight = batch.weights
            for column in losses.indices where targets.kind(ofColumn: column) == .past {
                for row in 0..<weight.rows where weight[row, column] < 1 { weight[row, column] = 0 }
            }
            let result = HuberLoss().evaluate(prediction, target: batch.targets, weight: weight)
            for column in losses.indices {
                losses[column] += result.columnSums[column]
                weights[column] += result.columnWeights[column]
            }
        }

        private func mean(_ kind: PretextTargets.Kind) -> Double {
            // Of the far windows only the means, which come first of each two.
            let columns = losses.indices.filter { column in
                targets.kind(ofColumn: column) == kind
                    && (kind != .far || (column % targets.columns - targets.first(.far)) % 2 == 0)
            }
            let (loss, weight) = columns.reduce((0.0, 0.0)) { ($0.0 + losses[$1], $0.1 + weights[$1]) }
            return weight > 0 ? loss / weight : 0
        }

        var masked: Double { mean(.past) }
        var near: Double { mean(.near) }
        var far: Double { mean(.far) }
    }
}
