/// The factor L of a symmetric positive definite matrix A = L·Lᵀ.
package struct CholeskyFactor: Sendable {
    private let size: Int
    private let lower: [Double]  // (n, n), row-major; zeros above the diagonal

    /// nil where the matrix is not positive definite.
    ///
    /// - Parameter matrix: (n, n), row-major; only its lower half is read.
    package init?(_ matrix: [Double], size: Int) {
        precondition(matrix.count == size * size, "\(matrix.count) values, expected \(size) × \(size)")
        var l = matrix
        let isPositive = l.withUnsafeMutableBufferPointer { l in
            for j in 0..<size {
                let rowJ = j * size
                for i in j..<size {
                    let rowI = i * size
                    var sum = l[rowI + j]
                    for k in 0..<j { sum -= l[rowI + k] * l[rowJ + k] }
                    if i == j {
                        guard sum > 0, sum.isFinite else { return false }
                        l[rowI + j] = sum.squareRoot()
                    } else {
                        l[rowI + j] = sum / l[rowJ + j]
                    }
                }
                for k in (j + 1)..<max(size, j + 1) { l[rowJ + k] = 0 }
            }
            return true
        }
        guard isPositive else { return nil }
        self.size = size
        lower = l
    }

    /// x of A·x = b, in place.
    package func solve(_ b: inout [Double]) {
        for i in 0..<size {
            var sum = b[i]
            for k in 0..<i { sum -= lower[i * size + k] * b[k] }
            b[i] = sum / lower[i * size + i]
        }
        for i in (0..<size).reversed() {
            var sum = b[i]
            for k in (i + 1)..<max(size, i + 1) { sum -= lower[k * size + i] * b[k] }
            b[i] = sum / lower[i * size + i]
        }
    }
}
