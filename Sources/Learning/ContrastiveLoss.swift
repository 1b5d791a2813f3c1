#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// InfoNCE (van den Oord, Li and Vinyals, 2018) between two views: each row must find its partner among all others.
///
/// Symmetric and within both views (NT-Xent; Chen et al., 2020), with room for negatives of earlier batches. All rows
/// are of length 1 (`UnitRows`), so a similarity is a cosine over the temperature.
package struct ContrastiveLoss: Sendable {
    package var temperature: Float

    package init(temperature: Float = 0.2) {
        precondition(temperature > 0, "temperature \(temperature)")
        self.temperature = temperature
    }

    /// The mean over the rows of both views of −ln of the share that a row's partner has, and its gradients.
    ///
    /// - Parameters:
    ///   - first, second: (rows, dimensions); row i of one is the partner of row i of the other.
    ///   - groups: a row's group (rows); rows of one group are no negatives of each other. Empty: all are.
    ///   - negatives: further rows that are nobody's partner (any, dimensions); they get no gradient.
    package func evaluate(
        _ first: Matrix, _ second: Matrix, groups: [Int] = [], negatives: Matrix? = nil, using gemm: some MatrixMultiply
    ) -> Result {
        let (n, dimensions) = (first.rows, first.columns)
        precondition(second.rows == n && second.columns == dimensions, "views of different shapes")
        precondition(groups.isEmpty || groups.count == n, "\(groups.count) groups for \(n) rows")
        let rows = 2 * n
        let z = Matrix(rows: rows, columns: dimensions, values: first.values + second.values)
        let others = negatives.flatMap { $0.rows > 0 ? $0 : nil }
        var inner = Self.similarities(z, z, using: gemm)  // (2n, 2n)
        var outer = others.map { Self.similarities(z, $0, using: gemm) }  // (2n, negatives)
        var sum = 0.0
        for row in 0..<rows {
            sum += share(row, of: n, groups: groups, inner: &inner, outer: &outer)
        }
        // Similarities have become gradients by them. A row meets another twice: as the one that asks, and as an answer.
        var gradient = Matrix(rows: rows, columns: dimensions)
        Self.multiply(inner, transposed: false, z, into: &gradient, beta: 0, using: gemm)
        Self.multiply(inner, transposed: true, z, into: &gradient, beta: 1, using: gemm)
        if let outer, let others {
            Self.multiply(outer, transposed: false, others, into: &gradient, beta: 1, using: gemm)
        }
        let half = n * dimensions
        return Result(
            loss: sum / Double(max(1, rows)),
            first: Matrix(rows: n, columns: dimensions, values: Array(gradient.values[..<half])),
            second: Matrix(rows: n, columns: dimensions, values: Array(gradient.values[half...])))
    }

    package struct Result: Sendable {
        package var loss: Double
        package var first: Matrix  // (rows, dimensions)
        package var second: Matrix  // (rows, dimensions)
    }

    /// −ln of the partner's share in one row; leaves the gradient by its cosines in the place of the cosines.
    private func share(_ row: Int, of n: Int, groups: [Int], inner: inout Matrix, outer: inout Matrix?) -> Double {
        let partner = row < n ? row + n : row - n
        let (width, extra) = (2 * n, outer?.columns ?? 0)
        let inverse = 1 / temperature
        let factor = inverse / Float(width)
        return inner.withUnsafeMutablePointer { inner in
            let inner = inner + row * width
            for other in 0..<width where other != partner {
                let isSelf = other == row
                if isSelf || (!groups.isEmpty && groups[other % n] == groups[row % n]) { inner[other] = -.infinity }
            }
            func finish(_ outer: UnsafeMutablePointer<Float>?) -> Double {
                var largest = inner[partner]
                for other in 0..<width { largest = max(largest, inner[other]) }
                for other in 0..<extra { largest = max(largest, outer![other]) }
                let own = (inner[partner] - largest) * inverse
                var total: Float = 0
                for other in 0..<width {
                    inner[other] = exp((inner[other] - largest) * inverse)
                    total += inner[other]
                }
                for other in 0..<extra {
                    outer![other] = exp((outer![other] - largest) * inverse)
                    total += outer![other]
                }
                let scale = factor / total
                for other in 0..<width { inner[other] *= scale }
                for other in 0..<extra { outer![other] *= scale }
                inner[partner] -= factor
                return log(Double(total)) - Double(own)
            }
            guard extra > 0 else { return finish(nil) }
            return outer!.withUnsafeMutablePointer { finish($0 + row * extra) }
        }
    }

    /// a (m, d) · bᵀ (d, n)
    private static func similarities(_ a: Matrix, _ b: Matrix, using gemm: some MatrixMultiply) -> Matrix {
        Matrix(rows: a.rows, columns: b.rows) { result in
            a.withUnsafePointer { a0 in
                b.withUnsafePointer { b0 in
                    gemm.multiply(
                        a0, transposed: false, b0, transposed: true, into: result, m: a.rows, n: b.rows,
                        k: a.columns, beta: 0)
                }
            }
        }
    }

    private static func multiply(
        _ a: Matrix, transposed: Bool, _ b: Matrix, into c: inout Matrix, beta: Float, using gemm: some MatrixMultiply
    ) {
        let (m, n) = (c.rows, c.columns)
        c.withUnsafeMutablePointer { c in
            a.withUnsafePointer { a in
                b.withUnsafePointer { b0 in
                    gemm.multiply(
                        a, transposed: transposed, b0, transposed: false, into: c, m: m, n: n, k: b.rows, beta: beta)
                }
            }
        }
    }
}
