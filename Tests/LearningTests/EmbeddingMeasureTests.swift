import Learning
import SedgeCore
import Testing

private let gemm = PlainMatrixMultiply()

/// What a run is watched by.
struct EmbeddingMeasureTests {
    @Test func equalViewsAreAlignedAndSpreadOnesUniform() {
        var random = SeededRandom(seed: 61)
        let x = GradientCheck.normal(400, 8, &random)
        let y = GradientCheck.normal(400, 8, &random)
        let same = EmbeddingGeometry(x, x, using: gemm)
        #expect(same.alignment < 1e-9)
        // Independent points of a sphere: mean squared distance 2; uniformity of the even distribution in 8 dimensions.
        let apart = EmbeddingGeometry(x, y, using: gemm)
        #expect(abs(apart.alignment - 2) < 0.1)
        #expect(abs(apart.uniformity + 3.1) < 0.1)
        // Two clumps: half of all pairs have distance 0.
        let clumps = Matrix(rows: 40, columns: 2, values: (0..<40).flatMap { [$0 % 2 == 0 ? 1 : -1, Float(0)] })
        let clumped = EmbeddingGeometry(clumps, clumps, using: gemm)
        #expect(abs(clumped.uniformity - -0.72) < 0.03)
    }

    @Test func theProbeFindsWhatIsLinearAndNothingElse() {
        var random = SeededRandom(seed: 62)
        func draw(_ count: Int) -> (Matrix, [Int32], [Int32]) {
            let x = GradientCheck.normal(count, 6, &random)
            let linear = (0..<count).map { Int32(x[$0, 0] + 2 * x[$0, 3] > 0.5 ? 1 : 0) }
            let none = (0..<count).map { _ in Int32(random.index(3)) }
            return (x, linear, none)
        }
        let (x, labels, noise) = draw(600)
        let (y, expected, other) = draw(400)
        let probe = LinearProbe(x, labels: labels, classes: 2, using: gemm)
        #expect(probe.balancedAccuracy(y, labels: expected, using: gemm) > 0.95)
        let blind = LinearProbe(x, labels: noise, classes: 3, using: gemm)
        #expect(abs(blind.balancedAccuracy(y, labels: other, using: gemm) - 1.0 / 3) < 0.1)
    }

    @Test func rareClassesCountAsMuchAsCommonOnes() {
        var random = SeededRandom(seed: 63)
        let x = GradientCheck.normal(1000, 2, &random)
        let labels = (0..<1000).map { Int32(x[$0, 0] > 1.8 ? 1 : 0) }
        let probe = LinearProbe(x, labels: labels, classes: 2, using: gemm)
        #expect(probe.balancedAccuracy(x, labels: labels, using: gemm) > 0.9)
    }

    @Test func aConstantColumnIsNoTrouble() {
        let x = Matrix(rows: 4, columns: 2, values: [1, 5, 2, 5, 8, 5, 9, 5])
        let probe = LinearProbe(x, labels: [0, 0, 1, 1], classes: 2, using: gemm)
        #expect(probe.predict(x, using: gemm) == [0, 0, 1, 1])
    }
}
