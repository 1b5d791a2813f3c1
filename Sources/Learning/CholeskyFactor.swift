/// The Cholesky factor L of a symmetric positive definite matrix A = L · Lᵀ, for systems of a few dozen unknowns.
package struct CholeskyFactor: Sendable {
    package let size: Int
    private var lower: [Double]  // (size, size), row-major; above the diagonal it is not read

    /// Nil where the matrix, of which the lower triangle is read, is not positive definite.
    package init?(_ matrix: [Double], size: Int) {
        precondition(matrix.count == size * size, "\(matrix.count) values, expected \(size) x \(size)")
        self.size = size
        lower = matrix
        for column in 0..<size {
            var diagonal = lower[column * size + column]
            for index in 0..<column { diagonal -= lower[column * size + index] * lower[column * size + index] }
            guard diagonal > 0, diagonal.isFinite else { return nil }
            let root = diagonal.squareRoot()
            lower[column * size + column] = root
            for row in stride(from: column + 1, to: size, by: 1) {
                var value = lower[row * size + column]
                for index in 0..<column { value -= lower[row * size + index] * lower[column * size + index] }
                lower[row * size + column] = value / root
            }
        }
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
