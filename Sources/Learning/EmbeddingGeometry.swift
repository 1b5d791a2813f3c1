#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Alignment and uniformity (Wang and Isola, 2020): what a good set of embeddings has on the unit sphere.
package struct EmbeddingGeometry: Sendable, Equatable {
    /// Mean squared distance between two views of a moment, 0…4; smaller is better.
    package let alignment: Double
    /// ln of the mean of exp(−2 · squared distance) over all pairs of moments, −4…0 in many dimensions; smaller is
    /// better, 0 is collapse.
    package let uniformity: Double

    /// Row i of one view is the same moment as row i of the other; (rows, dimensions), rows ≥ 2. Embeddings are
    /// centred together first, so that an offset that all share does not pass for alignment.
    package init(_ first: Matrix, _ second: Matrix, using gemm: some MatrixMultiply) {
        precondition(first.rows == second.rows && first.columns == second.columns && first.rows >= 2)
        let (a, b) = Self.units(first, second)
        var distance = 0.0
        for index in a.values.indices {
            let difference = Double(a.values[index] - b.values[index])
            distance += difference * difference
        }
        alignment = distance / Double(a.rows)
        let n = a.rows
        let cosines = Matrix(rows: n, columns: n) { cosines in
            a.withUnsafePointer { rows in
                gemm.multiply(
                    rows, transposed: false, rows, transposed: true, into: cosines, m: n, n: n, k: a.columns, beta: 0)
            }
        }
        var sum = 0.0
        for i in 0..<n {
            for j in 0..<i { sum += exp(-4 * (1 - Double(cosines[i, j]))) }
        }
        uniformity = log(sum / Double(n * (n - 1) / 2))
    }

    private static func units(_ first: Matrix, _ second: Matrix) -> (Matrix, Matrix) {
        var mean = [Float](repeating: 0, count: first.columns)
        FloatKernels.addColumnSums(of: first, to: &mean)
        FloatKernels.addColumnSums(of: second, to: &mean)
        let factor = 1 / Float(2 * first.rows)
        func centred(_ x: Matrix) -> Matrix {
            let values = x.values.indices.map { x.values[$0] - mean[$0 % x.columns] * factor }
            return UnitRows(Matrix(rows: x.rows, columns: x.columns, values: values)).values
        }
        return (centred(first), centred(second))
    }
}
