package import SedgeCore

/// The self-supervised objective of the base encoder: masked reconstruction and multi-horizon forecast by one linear
/// head on each embedding, plus VICReg between embeddings of the same moment in two overlapping crops.
///
/// The heads make the embedding hold what the last samples were and where they lead; VICReg makes it depend on the
/// signal and not on where the crop began, and keeps all dimensions in use.
package struct PretextObjective: ParameterGroup, Sendable {
    package let targets: PretextTargets
    package var head: Pointwise
    package var huber = HuberLoss()
    package var regularizer = VarianceCovarianceLoss(invariance: 0.1, variance: 0.4, covariance: 0.05)

    package init(targets: PretextTargets, embedding: Int, random: inout SeededRandom) {
        self.targets = targets
        head = Pointwise("head", inputs: embedding, outputs: targets.columns, bias: true, random: &random)
    }

    /// The loss and its gradient by the embeddings (steps · lanes, embedding); adds to the head's gradient.
    package mutating func evaluate(
        _ embeddings: Matrix, _ batch: PretextBatch, using gemm: some MatrixMultiply
    ) -> (loss: PretextLoss, gradient: Matrix) {
        let prediction = head.forward(embeddings, .training, using: gemm)
        let fit = huber.evaluate(prediction, target: batch.targets, weight: batch.weights)
        var gradient = head.backward(fit.gradient, using: gemm)
        let first = gather(embeddings, batch.pairs.map(\.first))
        let second = gather(embeddings, batch.pairs.map(\.second))
        var terms = VarianceCovarianceLoss.Terms(invariance: 0, variance: 0, covariance: 0)
        if batch.pairs.count >= 2 {
            let spread = regularizer.evaluate(first, second, using: gemm)
            terms = spread.terms
            scatter(spread.first, batch.pairs.map(\.first), into: &gradient)
            scatter(spread.second, batch.pairs.map(\.second), into: &gradient)
        }
        let near = targets.history..<targets.history + targets.future
        let loss = PretextLoss(
            reconstruction: fit.mean(of: 0..<targets.history), nearForecast: fit.mean(of: near),
            farForecast: fit.mean(of: near.upperBound..<targets.columns), regularization: terms,
            total: fit.loss + terms.total)
        return (loss, gradient)
    }

    /// What the head says of each embedding.
    package mutating func predict(_ embeddings: Matrix, using gemm: some MatrixMultiply) -> Matrix {
        head.forward(embeddings, .inference, using: gemm)
    }

    package mutating func forEachParameter(_ body: (inout Parameter) -> Void) { head.forEachParameter(body) }

    private func gather(_ x: Matrix, _ rows: [Int]) -> Matrix {
        Matrix(rows: rows.count, columns: x.columns) { target in
            x.withUnsafePointer { source in
                for (index, row) in rows.enumerated() {
                    (target + index * x.columns).initialize(from: source + row * x.columns, count: x.columns)
                }
            }
        }
    }

    private func scatter(_ x: Matrix, _ rows: [Int], into target: inout Matrix) {
        let columns = x.columns
        target.withUnsafeMutablePointer { target in
            x.withUnsafePointer { source in
                for (index, row) in rows.enumerated() {
                    for column in 0..<columns { target[row * columns + column] += source[index * columns + column] }
                }
            }
        }
    }
}

extension HuberLoss.Result {
    /// The mean loss of some columns by their weights; 0 where nothing counts.
    package func mean(of columns: Range<Int>) -> Double {
        let weight = columnWeights[columns].reduce(0, +)
        return weight > 0 ? columnSums[columns].reduce(0, +) / weight : 0
    }
}
