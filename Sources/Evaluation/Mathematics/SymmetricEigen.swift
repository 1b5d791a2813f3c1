/// Eigenvalues and eigenvectors of a symmetric matrix by cyclic Jacobi rotations; for the small ones of baselines.
package struct SymmetricEigen: Sendable {
    /// Falling.
    package let values: [Double]  // (n)
    /// Rows are unit eigenvectors.
    package let vectors: [[Double]]  // (n, n)

    /// - Parameter matrix: (n, n), symmetric.
    package init(_ matrix: [[Double]]) {
        let n = matrix.count
        var a = matrix
        var v = (0..<n).map { row in (0..<n).map { $0 == row ? 1.0 : 0 } }
        for _ in 0..<60 {
            var rest = 0.0
            for i in 0..<n { for j in (i + 1)..<max(n, i + 1) { rest += a[i][j] * a[i][j] } }
            let trace = (0..<n).reduce(0) { $0 + a[$1][$1] * a[$1][$1] }
            if rest <= 1e-24 * trace || rest == 0 { break }
            for p in 0..<n {
                for q in (p + 1)..<max(n, p + 1) where a[p][q] != 0 {
                    let theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
                    let t = (theta >= 0 ? 1 : -1) / (abs(theta) + (theta * theta + 1).squareRoot())
                    let c = 1 / (t * t + 1).squareRoot()
                    Self.rotate(&a, &v, p, q, cosine: c, sine: t * c)
                }
            }
        }
        let order = (0..<n).sorted { a[$0][$0] > a[$1][$1] }
        values = order.map { a[$0][$0] }
        vectors = order.map { v[$0] }
    }

    /// Makes element (p, q) zero; the eigenvectors are the rows of `v`.
    private static func rotate(
        _ a: inout [[Double]], _ v: inout [[Double]], _ p: Int, _ q: Int, cosine c: Double, sine s: Double
    ) {
        for k in a.indices {
            let (x, y) = (a[k][p], a[k][q])
            a[k][p] = c * x - s * y
            a[k][q] = s * x + c * y
        }
        for k in a.indices {
            let (x, y) = (a[p][k], a[q][k])
            a[p][k] = c * x - s * y
            a[q][k] = s * x + c * y
            let (u, w) = (v[p][k], v[q][k])
            v[p][k] = c * u - s * w
            v[q][k] = s * u + c * w
        }
    }
}
