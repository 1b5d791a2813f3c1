import Learning
import SedgeCore
import Testing

private let gemm = PlainMatrixMultiply()

struct LossGradientTests {
    @Test func huberGradientAgreesAndIsWeighted() {
        var random = SeededRandom(seed: 21)
        let prediction = GradientCheck.normal(6, 4, &random)
        let target = Matrix(
            rows: 6, columns: 4, values: prediction.values.map { $0 + Float(random.standardNormal() * 2) })
        var weight = Matrix(rows: 6, columns: 4)
        for index in weight.values.indices { weight.values[index] = index % 3 == 0 ? 0 : Float(random.uniform()) }
        let loss = HuberLoss(delta: 1)
        let result = loss.evaluate(prediction, target: target, weight: weight)
        let error = GradientCheck.error(of: result.gradient.values, at: prediction.values, step: 2e-3) {
            loss.evaluate(Matrix(rows: 6, columns: 4, values: $0), target: target, weight: weight).loss
        }
        #expect(error < 1e-2)
        for index in stride(from: 0, to: 24, by: 3) { #expect(result.gradient.values[index] == 0) }
        #expect(abs(result.columnSums.reduce(0, +) / result.columnWeights.reduce(0, +) - result.loss) < 1e-9)
    }

    @Test func huberIsQuadraticInsideAndLinearOutside() {
        let one = Matrix(rows: 1, columns: 1, repeating: 1)
        func loss(_ value: Float) -> Double {
            HuberLoss(delta: 1).evaluate(
                Matrix(rows: 1, columns: 1, repeating: value), target: Matrix(rows: 1, columns: 1), weight: one
            ).loss
        }
        #expect(loss(0.5) == 0.125)
        #expect(loss(-3) == 2.5)
        #expect(loss(3) == 2.5)
    }

    @Test func nothingThatCountsGivesNoLossAndNoGradient() {
        let x = Matrix(rows: 2, columns: 2, repeating: 3)
        let zero = Matrix(rows: 2, columns: 2)
        let result = HuberLoss().evaluate(x, target: zero, weight: zero)
        #expect(result.loss == 0)
        #expect(result.gradient == zero)
    }

    @Test func varianceCovarianceGradientsAgree() {
        var random = SeededRandom(seed: 22)
        // A spread below 1 keeps the hinge at work.
        var first = GradientCheck.normal(10, 4, &random)
        for index in first.values.indices { first.values[index] *= 0.6 }
        let second = Matrix(
            rows: 10, columns: 4, values: first.values.map { $0 + 0.2 * Float(random.standardNormal()) })
        let loss = VarianceCovarianceLoss(invariance: 0.7, variance: 1.1, covariance: 0.9)
        let result = loss.evaluate(first, second, using: gemm)
        #expect(result.terms.variance > 0 && result.terms.covariance > 0 && result.terms.invariance > 0)
        let errors = [
            GradientCheck.error(of: result.first.values, at: first.values) {
                loss.evaluate(Matrix(rows: 10, columns: 4, values: $0), second, using: gemm).terms.total
            },
            GradientCheck.error(of: result.second.values, at: second.values) {
                loss.evaluate(first, Matrix(rows: 10, columns: 4, values: $0), using: gemm).terms.total
            },
        ]
        #expect(errors[0] < 1e-2 && errors[1] < 1e-2)
    }

    @Test func collapsedEmbeddingsCostTheWholeVarianceTerm() {
        let constant = Matrix(rows: 8, columns: 3, repeating: 2)
        let loss = VarianceCovarianceLoss(invariance: 1, variance: 1, covariance: 1)
        let terms = loss.evaluate(constant, constant, using: gemm).terms
        #expect(terms.invariance == 0)
        #expect(abs(terms.variance - 2 * 0.99) < 1e-6)
    }

    @Test func objectiveGradientAgrees() {
        var random = SeededRandom(seed: 23)
        let targets = PretextTargets(history: 3, future: 2, horizons: [2])
        let objective = PretextObjective(targets: targets, embedding: 4, random: &random)
        let embeddings = GradientCheck.normal(12, 4, &random)
        var weights = Matrix(rows: 12, columns: targets.columns, repeating: 1)
        for index in stride(from: 0, to: weights.values.count, by: 4) { weights.values[index] = 0.2 }
        let batch = PretextBatch(
            lanes: 2, patches: Matrix(rows: 12, columns: 4),
            targets: GradientCheck.normal(12, targets.columns, &random),
            weights: weights, pairs: [2, 4, 6, 8, 10].map { .init(first: $0, second: $0 - 1) })
        var working = objective
        let gradient = working.evaluate(embeddings, batch, using: gemm).gradient
        let error = GradientCheck.error(of: gradient.values, at: embeddings.values, step: 3e-3) {
            var other = objective
            return other.evaluate(Matrix(rows: 12, columns: 4, values: $0), batch, using: gemm).loss.total
        }
        #expect(error < 2e-2)
    }
}
