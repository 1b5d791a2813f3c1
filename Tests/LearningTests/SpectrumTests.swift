import Learning
import SedgeCore
import Testing

struct SpectrumTests {
    @Test func equalSpreadUsesAllDimensionsAndALineOne() {
        var random = SeededRandom(seed: 51)
        let round = GradientCheck.normal(5000, 6, &random)
        #expect(abs(Spectrum(of: round).effectiveRank - 6) < 0.05)
        let line = Matrix(
            rows: 100, columns: 3, values: (0..<100).flatMap { [Float($0), Float($0) * 2, -Float($0)] })
        #expect(abs(Spectrum(of: line).effectiveRank - 1) < 1e-3)
    }

    @Test func eigenvaluesAreThoseOfAKnownCovariance() {
        // Columns a and b = a + 2c with independent a, c of variance 1: covariance (1 1; 1 5).
        let values: [Float] = [1, 1, 1, 1, -1, -1, -1, -1]
        let others: [Float] = [1, -1, 1, -1, 1, -1, 1, -1]
        let matrix = Matrix(
            rows: 8, columns: 2, values: zip(values, others).flatMap { [$0, $0 + 2 * $1] })
        let scale = 8.0 / 7
        let eigenvalues = Spectrum(of: matrix).eigenvalues
        #expect(abs(eigenvalues[0] - scale * (3 + 5.0.squareRoot())) < 1e-6)
        #expect(abs(eigenvalues[1] - scale * (3 - 5.0.squareRoot())) < 1e-6)
    }

    @Test func aConstantHasNoRank() {
        #expect(Spectrum(of: Matrix(rows: 4, columns: 3, repeating: 7)).effectiveRank == 0)
    }
}
