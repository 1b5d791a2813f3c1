import Learning
import SedgeCore
import Testing

private let gemm = PlainMatrixMultiply()

/// Contrastive losses against finite differences and against what they say of views that are easy to judge.
struct ContrastGradientTests {
    @Test func unitRowsHaveLengthOneAndTheirGradientAgrees() {
        var random = SeededRandom(seed: 31)
        let x = GradientCheck.normal(4, 5, &random)
        let direction = GradientCheck.normal(4, 5, &random)
        let units = UnitRows(x)
        for row in 0..<4 {
            let length = (0..<5).reduce(Float(0)) { $0 + units.values[row, $1] * units.values[row, $1] }
            #expect(abs(length - 1) < 1e-5)
        }
        let error = GradientCheck.error(of: units.backward(direction).values, at: x.values, step: 2e-3) {
            GradientCheck.dot(UnitRows(Matrix(rows: 4, columns: 5, values: $0)).values, direction)
        }
        #expect(error < 1e-2)
        #expect(UnitRows(Matrix(rows: 2, columns: 3)).values == Matrix(rows: 2, columns: 3))
    }

    /// With and without groups, with and without negatives of earlier batches.
    @Test(arguments: [[], [0, 0, 1, 1, 2]], [0, 7])
    func contrastiveGradientsAgree(groups: [Int], negatives: Int) {
        var random = SeededRandom(seed: 32)
        let first = UnitRows(GradientCheck.normal(5, 4, &random)).values
        let second = UnitRows(GradientCheck.normal(5, 4, &random)).values
        let others = UnitRows(GradientCheck.normal(negatives, 4, &random)).values
        let loss = ContrastiveLoss(temperature: 0.5)
        func value(_ first: Matrix, _ second: Matrix) -> ContrastiveLoss.Result {
            loss.evaluate(first, second, groups: groups, negatives: others, using: gemm)
        }
        let result = value(first, second)
        #expect(
            GradientCheck.error(of: result.first.values, at: first.values, step: 4e-3) {
                value(Matrix(rows: 5, columns: 4, values: $0), second).loss
            } < 1e-2)
        #expect(
            GradientCheck.error(of: result.second.values, at: second.values, step: 4e-3) {
                value(first, Matrix(rows: 5, columns: 4, values: $0)).loss
            } < 1e-2)
    }

    @Test func partnersThatAgreeCostLessThanThoseThatDoNot() {
        let axes = Matrix(rows: 3, columns: 3, values: [1, 0, 0, 0, 1, 0, 0, 0, 1])
        let turned = Matrix(rows: 3, columns: 3, values: [0, 1, 0, 0, 0, 1, 1, 0, 0])
        let loss = ContrastiveLoss(temperature: 0.1)
        #expect(loss.evaluate(axes, axes, using: gemm).loss < 1e-3)
        #expect(loss.evaluate(axes, turned, using: gemm).loss > 5)
        // All alike: the partner is one of 2n − 1.
        let same = Matrix(rows: 3, columns: 3, values: [1, 0, 0, 1, 0, 0, 1, 0, 0])
        #expect(abs(loss.evaluate(same, same, using: gemm).loss - 1.609_438) < 1e-4)
        // Rows of one group are no negatives: nothing is left to tell apart.
        #expect(abs(loss.evaluate(same, same, groups: [4, 4, 4], using: gemm).loss) < 1e-6)
    }

    @Test func hierarchicalGradientsAgree() {
        var random = SeededRandom(seed: 33)
        let lengths = [5, 3, 1]
        let first = GradientCheck.normal(9, 4, &random)
        let second = GradientCheck.normal(9, 4, &random)
        let loss = HierarchicalContrast(temperature: 0.5)
        let result = loss.evaluate(first, second, lengths: lengths, using: gemm)
        #expect(result.loss > 0)
        #expect(
            GradientCheck.error(of: result.first.values, at: first.values, step: 2e-3) {
                loss.evaluate(
                    Matrix(rows: 9, columns: 4, values: $0), second, lengths: lengths, using: gemm
                ).loss
            } < 2e-2)
        #expect(
            GradientCheck.error(of: result.second.values, at: second.values, step: 2e-3) {
                loss.evaluate(
                    first, Matrix(rows: 9, columns: 4, values: $0), lengths: lengths, using: gemm
                ).loss
            } < 2e-2)
    }

    @Test func crossEntropyGradientAgreesAndUnknownRowsAreLeftOut() {
        var random = SeededRandom(seed: 34)
        let logits = GradientCheck.normal(5, 3, &random)
        let classes: [Int32] = [0, 2, -1, 1, 1]
        let result = CrossEntropyLoss.evaluate(logits, classes: classes)
        let error = GradientCheck.error(of: result.gradient.values, at: logits.values) {
            CrossEntropyLoss.evaluate(Matrix(rows: 5, columns: 3, values: $0), classes: classes).loss
        }
        #expect(error < 1e-2)
        #expect(result.rows == 4)
        #expect((0..<3).allSatisfy { result.gradient[2, $0] == 0 })
        let nothing = CrossEntropyLoss.evaluate(logits, classes: [-1, -1, -1, -1, -1])
        #expect(nothing.loss == 0 && nothing.rows == 0 && nothing.gradient == Matrix(rows: 5, columns: 3))
    }

    @Test func theQueueKeepsTheNewestAndComesBackFromASnapshot() throws {
        var queue = EmbeddingQueue(capacity: 3, dimensions: 2)
        queue.append(Matrix(rows: 2, columns: 2, values: [1, 2, 3, 4]))
        queue.append(Matrix(rows: 2, columns: 2, values: [5, 6, 7, 8]))
        #expect(queue.rows == Matrix(rows: 3, columns: 2, values: [3, 4, 5, 6, 7, 8]))
        var writer = SnapshotWriter(format: 1)
        queue.save(to: &writer)
        let bytes = writer.finish()
        var copy = EmbeddingQueue(capacity: 3, dimensions: 2)
        var reader = try SnapshotReader(bytes, format: 1)
        try copy.restore(from: &reader)
        #expect(copy == queue)
        var smaller = EmbeddingQueue(capacity: 2, dimensions: 2)
        var again = try SnapshotReader(bytes, format: 1)
        #expect(throws: SnapshotError.self) { try smaller.restore(from: &again) }
    }
}
