/// Solves A·x = b for a symmetric positive definite A without a factor of it (Hestenes, Stiefel, 1952), scaled by the
/// diagonal. Nearly singular systems end after twice their size in steps, at the best that was reached.
enum ConjugateGradients {
    /// Of the residual against the right-hand side.
    private static let tolerance = 1e-10

    /// - Parameter matrix: (n, n), row-major; only its lower half is read.
    static func solve(_ matrix: [Double], _ right: [Double]) -> [Double] {
        let size = right.count
        precondition(matrix.count == size * size, "\(matrix.count) values, expected \(size) × \(size)")
        let scale = (0..<size).map { 1 / max(1e-300, matrix[$0 * size + $0]) }
        var solution = [Double](repeating: 0, count: size)
        var residual = right
        var direction = zip(scale, residual).map { $0 * $1 }
        var product = [Double](repeating: 0, count: size)
        var energy = dot(residual, direction)
        let goal = energy * tolerance * tolerance
        for _ in 0..<(2 * size) where energy > goal {
            multiply(matrix, direction, into: &product)
            let curvature = dot(direction, product)
            guard curvature > 0, curvature.isFinite else { break }
            let length = energy / curvature
            for index in 0..<size {
                solution[index] += length * direction[index]
                residual[index] -= length * product[index]
            }
            let next = zip(residual, scale).reduce(0) { $0 + $1.0 * $1.0 * $1.1 }
            for index in 0..<size {
                direction[index] = scale[index] * residual[index] + next / energy * direction[index]
            }
            energy = next
        }
        return solution
    }

    private static func dot(_ one: [Double], _ other: [Double]) -> Double {
        var sum = 0.0
        for index in one.indices { sum += one[index] * other[index] }
        return sum
    }

    private static func multiply(_ matrix: [Double], _ vector: [Double], into product: inout [Double]) {
        let size = vector.count
        for index in 0..<size { product[index] = 0 }
        matrix.withUnsafeBufferPointer { matrix in
            for row in 0..<size {
                var sum = 0.0
                let value = vector[row]
                for column in 0..<row {
                    let entry = matrix[row * size + column]
                    sum += entry * vector[column]
                    product[column] += entry * value
                }
                product[row] += sum + matrix[row * size + row] * value
            }
        }
    }
}
