extension Matrix {
    /// The named rows, in their order; a row may be named twice.
    package func gather(_ indices: [Int]) -> Matrix {
        Matrix(rows: indices.count, columns: columns) { target in
            withUnsafePointer { source in
                for (index, row) in indices.enumerated() {
                    precondition(row < rows, "row \(row) of \(rows)")
                    (target + index * columns).initialize(from: source + row * columns, count: columns)
                }
            }
        }
    }

    /// Adds row i of `other` to the i-th of the named rows.
    package mutating func scatter(_ other: Matrix, to indices: [Int], scaledBy factor: Float = 1) {
        precondition(other.rows == indices.count && other.columns == columns, "rows of another shape")
        let (rows, columns) = (rows, columns)
        withUnsafeMutablePointer { target in
            other.withUnsafePointer { source in
                for (index, row) in indices.enumerated() {
                    precondition(row < rows, "row \(row) of \(rows)")
                    for column in 0..<columns {
                        target[row * columns + column] += factor * source[index * columns + column]
                    }
                }
            }
        }
    }
}
