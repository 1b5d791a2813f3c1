/// The Cholesky factor L of a symmetric positive definite matrix A = L · Lᵀ, for systems of up to some hundred unknowns.
package struct CholeskyFactor: Sendable {
    package let size: Int
    private var lower: [Double]  // (size, size), row-major; above the diagonal it is not read

    /// Nil where the matrix, of which the lower triangle is read, is not positive definite.
    package init?(_ matrix: [Double], size: Int) {
        precondition(matrix.count == size * size, "\(matrix.count) values, expected \(size) x \(size)")
        self.size = size
        var lower = matrix
        let isDefinite = lower.withUnsafeMutableBufferPointer { lower in
            for column in 0..<size {
                let own = lower.baseAddress! + column * size
                let diagonal = own[column] - Self.dot(own, own, column)
                guard diagonal > 0, diagonal.isFinite else { return false }
                let root = diagonal.squareRoot()
                own[column] = root
                for row in stride(from: column + 1, to: size, by: 1) {
                    let other = lower.baseAddress! + row * size
                    other[column] = (other[column] - Self.dot(other, own, column)) / root
                }
            }
            return true
        }
        guard isDefinite else { return nil }
        self.lower = lower
    }

    /// In four sums, so that one addition need not wait for the one before.
    private static func dot(_ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ count: Int) -> Double {
        var (s0, s1, s2, s3) = (0.0, 0.0, 0.0, 0.0)
        var index = 0
        while index + 4 <= count {
            s0 += a[index] * b[index]
            s1 += a[index + 1] * b[index + 1]
            s2 += a[index + 2] * b[index + 2]
            s3 += a[index + 3] * b[index + 3]
            index += 4
        }
        while index < count {
            s0 += a[index] * b[index]
            index += 1
        }
        return (s0 + s1) + (s2 + s3)
    }

    /// L⁻¹ · b, in place: its squared length is bᵀ · A⁻¹ · b.
    package func halfSolve(_ b: inout [Double]) {
        for row in 0..<size {
            var value = b[row]
            for index in 0..<row { value -= lower[row * size + index] * b[index] }
            b[row] = value / lower[row * size + row]
        }
    }

    /// A⁻¹ · b, in place.
    package func solve(_ b: inout [Double]) {
        halfSolve(&b)
        for row in stride(from: size - 1, through: 0, by: -1) {
            var value = b[row]
            for index in stride(from: row + 1, to: size, by: 1) { value -= lower[index * size + row] * b[index] }
            b[row] = value / lower[row * size + row]
        }
    }
}
