import Learning
import SedgeCore

/// Compares gradients with central finite differences of a loss Σ output · direction.
enum GradientCheck {
    /// A matrix of standard normal values.
    static func normal(_ rows: Int, _ columns: Int, _ random: inout SeededRandom) -> Matrix {
        Matrix(rows: rows, columns: columns, values: (0..<rows * columns).map { _ in Float(random.standardNormal()) })
    }

    static func dot(_ a: Matrix, _ b: Matrix) -> Double {
        zip(a.values, b.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }

    /// The largest difference between `gradient` and finite differences of `loss`, relative to the largest entry.
    static func error(
        of gradient: [Float], at point: [Float], step: Float = 1e-2, loss: ([Float]) -> Double
    ) -> Double {
        let numeric = point.indices.map { index in
            var (up, down) = (point, point)
            up[index] += step
            down[index] -= step
            return (loss(up) - loss(down)) / (2 * Double(step))
        }
        let largest = numeric.reduce(1e-6) { max($0, abs($1)) }
        return zip(gradient, numeric).reduce(0) { max($0, abs(Double($1.0) - $1.1)) } / largest
    }
}
