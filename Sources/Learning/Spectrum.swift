#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The eigenvalues of the covariance of a set of embeddings.
package struct Spectrum: Sendable {
    /// Largest first, never negative.
    package let eigenvalues: [Double]

    /// From embeddings (rows, dimensions), by Jacobi rotations (Golub and Van Loan, 8.5).
    package init(of embeddings: Matrix) {
        let n = embeddings.columns
        var mean = [Double](repeating: 0, count: n)
        for row in 0..<embeddings.rows {
            for column in 0..<n { mean[column] += Double(embeddings[row, column]) / Double(embeddings.rows) }
        }
        var a = [[Double]](repeating: Array(repeating: 0, count: n), count: n)
        var frame = mean
        for row in 0..<embeddings.rows {
            for column in 0..<n { frame[column] = Double(embeddings[row, column]) - mean[column] }
            for i in 0..<n {
                for j in i..<n { a[i][j] += frame[i] * frame[j] }
            }
        }
        for i in 0..<n {
            for j in i..<n {
                a[i][j] /= Double(max(1, embeddings.rows - 1))
                a[j][i] = a[i][j]
            }
        }
        eigenvalues = Self.rotate(&a)
    }

    /// exp of the entropy of the normalised eigenvalues (Roy and Vetterli, 2007): how many dimensions are in use.
    package var effectiveRank: Double {
        let sum = eigenvalues.reduce(0, +)
        guard sum > 0 else { return 0 }
        return exp(
            eigenvalues.reduce(0) { entropy, value in
                let share = value / sum
                return share > 0 ? entropy - share * log(share) : entropy
            })
    }

    private static func rotate(_ a: inout [[Double]]) -> [Double] {
        let n = a.count
        for _ in 0..<30 {
            var off = 0.0
            var diagonal = 0.0
            for i in 0..<n {
                diagonal += a[i][i] * a[i][i]
                for j in 0..<i { off += a[i][j] * a[i][j] }
            }
            if off <= 1e-18 * diagonal { break }
            for p in 0..<n {
                for q in p + 1..<n where a[p][q] != 0 {
                    let theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
                    let t = (theta >= 0 ? 1.0 : -1.0) / (abs(theta) + (theta * theta + 1).squareRoot())
                    let c = 1 / (t * t + 1).squareRoot()
                    let s = t * c
                    for k in 0..<n {
                        let (x, y) = (a[k][p], a[k][q])
                        a[k][p] = c * x - s * y
                        a[k][q] = s * x + c * y
                    }
                    for k in 0..<n {
                        let (x, y) = (a[p][k], a[q][k])
                        a[p][k] = c * x - s * y
                        a[q][k] = s * x + c * y
                    }
                }
            }
        }
        return (0..<n).map { max(0, a[$0][$0]) }.sorted(by: >)
    }
}
