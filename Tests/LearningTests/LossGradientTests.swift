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

    /// Every task alone, and all together.
    @Test(arguments: ["mask", "forecast", "shape", "vicreg", "contrast", "hierarchy", "labels", "families", "all"])
    func objectiveGradientAgrees(task: String) {
        var random = SeededRandom(seed: 23)
        var tasks = PretextTasks()
        for (name, weight) in PretextTasks.names where name == task || task == "all" { tasks[keyPath: weight] = 0.7 }
        let targets = PretextTargets(history: 3, future: 2, horizons: [2], shapes: [4])
        let objective = PretextObjective(
            targets: targets, tasks: tasks, inputs: 2, embedding: 4, classes: 3, families: 5,
            random: &random)
        let embeddings = GradientCheck.normal(24, 4, &random)
        var weights = Matrix(rows: 24, columns: 2 * targets.columns, repeating: 1)
        for index in stride(from: 0, to: weights.values.count, by: 4) { weights.values[index] = 0.2 }
        // Eight steps of three lanes: the last step is the one that is asked for its family.
        let lanes = ["families", "all"].contains(task) ? 3 : 4
        var batch = PretextBatch(
            lanes: lanes, patches: Matrix(rows: 24, columns: 8),
            targets: GradientCheck.normal(24, 2 * targets.columns, &random), weights: weights,
            pairs: [4, 8, 12, 5, 9, 13, 17].map { .init(first: $0, second: $0 - 2) }, pairCounts: [3, 4],
            classes: (0..<24).map { $0 % 5 == 0 ? -1 : Int32($0 % 3) })
        batch.families = [4, -1, 2, 0].prefix(lanes).map { $0 }
        var working = objective
        let result = working.evaluate(embeddings, batch, using: gemm)
        #expect(result.loss.total > 0)
        let error = GradientCheck.error(of: result.gradient.values, at: embeddings.values, step: 3e-3) {
            var other = objective
            return other.evaluate(Matrix(rows: 24, columns: 4, values: $0), batch, using: gemm).loss.total
        }
        #expect(error < 2e-2)
        // The heads' own parameters.
        var gradients: [[Float]] = []
        working.forEachParameter { gradients.append($0.gradient) }
        // A head whose gradient is forgotten would not be looked at below.
        if task == "all" { #expect(gradients.indices.filter { !gradients[$0].contains { $0 != 0 } } == []) }
        for index in gradients.indices where gradients[index].contains(where: { $0 != 0 }) {
            var point: [Float] = []
            var place = 0
            working.forEachParameter { parameter in
                if place == index { point = parameter.value }
                place += 1
            }
            let error = GradientCheck.error(of: gradients[index], at: point, step: 3e-3) { values in
                var other = objective
                var place = 0
                other.forEachParameter { parameter in
                    if place == index { parameter.value = values }
                    place += 1
                }
                return other.evaluate(embeddings, batch, using: gemm).loss.total
            }
            #expect(error < 2e-2, "parameter \(index)")
        }
    }

    @Test func sharesOfColumnKindsWeighTheirMeans() {
        let prediction = Matrix(rows: 2, columns: 3, values: [0.5, 0.1, 0, 0.5, 0.1, 0])
        let target = Matrix(rows: 2, columns: 3)
        let weight = Matrix(rows: 2, columns: 3, values: [1, 1, 0, 1, 1, 0])
        let result = HuberLoss().evaluate(
            prediction, target: target, weight: weight, kinds: [0, 1, 2], shares: [2, 3, 5])
        #expect(abs(result.loss - (2 * 0.125 + 3 * 0.005)) < 1e-6)
        #expect(abs(result.mean(of: [0]) - 0.125) < 1e-7)
        #expect(result.mean(of: [2]) == 0)
    }
}
