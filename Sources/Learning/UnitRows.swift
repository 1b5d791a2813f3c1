/// Rows scaled to Euclidean length 1, so that products of rows are cosines; keeps what the gradient needs.
package struct UnitRows: Sendable {
    package let values: Matrix  // (rows, columns)
    private let inverseNorms: [Float]  // (rows)

    /// A row shorter than this is divided by this instead: zeros stay zeros.
    private static let shortest: Float = 1e-6

    package init(_ x: Matrix) {
        let (rows, columns) = (x.rows, x.columns)
        var inverses = [Float](repeating: 0, count: rows)
        values = Matrix(rows: rows, columns: columns) { target in
            x.withUnsafePointer { source in
                for row in 0..<rows {
                    let offset = row * columns
                    var sum: Float = 0
                    for column in 0..<columns { sum += source[offset + column] * source[offset + column] }
                    let inverse = 1 / max(sum.squareRoot(), Self.shortest)
                    inverses[row] = inverse
                    for column in 0..<columns { target[offset + column] = source[offset + column] * inverse }
                }
            }
        }
        inverseNorms = inverses
    }

    /// The gradient by the rows as they were: what is left of `dy` (rows, columns) across each row, over its length.
    package func backward(_ dy: Matrix) -> Matrix {
        let (rows, columns) = (dy.rows, dy.columns)
        precondition(rows == values.rows && columns == values.columns, "gradient of another shape")
        return Matrix(rows: rows, columns: columns) { dx in
            dy.withUnsafePointer { dy in
                values.withUnsafePointer { y in
                    for row in 0..<rows {
                        let offset = row * columns
                        var along: Float = 0
                        for column in 0..<columns { along += dy[offset + column] * y[offset + column] }
                        let inverse = inverseNorms[row]
                        for column in 0..<columns {
                            dx[offset + column] = (dy[offset + column] - along * y[offset + column]) * inverse
                        }
                    }
                }
            }
        }
    }
}
