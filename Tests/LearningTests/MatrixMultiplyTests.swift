import Learning
import SedgeCore
import Testing

struct MatrixMultiplyTests {
    @Test(arguments: [(1, 1, 1), (3, 5, 2), (7, 4, 9)], [false, true])
    func plainProductAgreesWithTheDefinition(shape: (m: Int, n: Int, k: Int), transposesB: Bool) {
        var random = SeededRandom(seed: 31)
        let (m, n, k) = shape
        let a = GradientCheck.normal(m, k, &random)
        let b = GradientCheck.normal(transposesB ? n : k, transposesB ? k : n, &random)
        let aTransposed = Matrix(rows: k, columns: m, values: (0..<k * m).map { a[$0 % m, $0 / m] })
        let start = GradientCheck.normal(m, n, &random)
        for (matrix, transposesA) in [(a, false), (aTransposed, true)] {
            for beta in [Float(0), 1, 0.5] {
                var c = start
                if beta == 0 { c.values[0] = .nan }
                c.withUnsafeMutablePointer { c in
                    matrix.withUnsafePointer { a in
                        b.withUnsafePointer { b in
                            PlainMatrixMultiply().multiply(
                                a, transposed: transposesA, b, transposed: transposesB, into: c, m: m, n: n, k: k,
                                beta: beta)
                        }
                    }
                }
                for row in 0..<m {
                    for column in 0..<n {
                        var sum: Float = beta == 0 ? 0 : beta * start[row, column]
                        for depth in 0..<k {
                            sum += a[row, depth] * (transposesB ? b[column, depth] : b[depth, column])
                        }
                        #expect(abs(c[row, column] - sum) < 1e-4)
                    }
                }
            }
        }
    }
}
