/// Weighted Huber loss (Huber, 1964): squares up to `delta`, straight lines beyond, so that a spike does not rule
/// the gradient. Masked reconstruction and forecasting both use it; the weights say which targets count.
package struct HuberLoss: Sendable {
    package var delta: Float

    /// Float sums over so many rows at most lose nothing that matters; then they go into doubles.
    private static let block = 256

    package init(delta: Float = 1) { self.delta = delta }

    /// Mean over targets by their weights, and its gradient by the prediction. All three (rows, columns).
    ///
    /// Columns may be of several kinds, each with a share: the loss is then Σ share · mean of the kind, and a kind of
    /// which nothing counts adds nothing. `columnSums` and `columnWeights` are the weighted sums of losses and the
    /// sums of weights of each column, without shares, for reports.
    ///
    /// - Parameter kinds: the kind of each column, an index into `shares`; empty: one kind with share 1.
    package func evaluate(
        _ prediction: Matrix, target: Matrix, weight: Matrix, kinds: [Int] = [], shares: [Float] = [1]
    ) -> Result {
        precondition(prediction.columns == target.columns && prediction.rows == target.rows)
        precondition(weight.columns == target.columns && weight.rows == target.rows)
        let (rows, columns) = (prediction.rows, prediction.columns)
        let kinds = kinds.isEmpty ? Array(repeating: 0, count: columns) : kinds
        precondition(kinds.count == columns && kinds.allSatisfy(shares.indices.contains), "kinds that do not fit")
        let columnWeights = Self.columnSums(weight)
        var totals = [Double](repeating: 0, count: shares.count)
        for column in 0..<columns { totals[kinds[column]] += columnWeights[column] }
        let factors = kinds.map { totals[$0] > 0 ? shares[$0] / Float(totals[$0]) : 0 }
        var columnSums = [Double](repeating: 0, count: columns)
        var partial = [Float](repeating: 0, count: columns)
        let gradient = Matrix(rows: rows, columns: columns) { gradient in
            for start in stride(from: 0, to: rows, by: Self.block) {
                let range = start..<min(rows, start + Self.block)
                addLosses(prediction, target, weight, factors, range, &partial, gradient)
                for column in 0..<columns {
                    columnSums[column] += Double(partial[column])
                    partial[column] = 0
                }
            }
        }
        var loss = 0.0
        for column in 0..<columns { loss += Double(factors[column]) * columnSums[column] }
        return Result(loss: loss, gradient: gradient, columnSums: columnSums, columnWeights: columnWeights)
    }

    private func addLosses(
        _ prediction: Matrix, _ target: Matrix, _ weight: Matrix, _ factors: [Float], _ rows: Range<Int>,
        _ sums: inout [Float], _ gradient: UnsafeMutablePointer<Float>
    ) {
        let columns = prediction.columns
        let delta = delta
        prediction.withUnsafePointer { prediction in
            target.withUnsafePointer { target in
                weight.withUnsafePointer { weight in
                    factors.withUnsafeBufferPointer { factors in
                        sums.withUnsafeMutableBufferPointer { sums in
                            let (factors, sums) = (factors.baseAddress!, sums.baseAddress!)
                            for row in rows {
                                let offset = row * columns
                                for column in 0..<columns {
                                    let index = offset + column
                                    let difference = prediction[index] - target[index]
                                    let clipped = max(-delta, min(delta, difference))
                                    let weighted = weight[index] * clipped
                                    // c·(d − c/2): the square inside and the straight line outside in one expression.
                                    sums[column] += weighted * (difference - 0.5 * clipped)
                                    gradient[index] = factors[column] * weighted
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    private static func columnSums(_ x: Matrix) -> [Double] {
        var sums = [Double](repeating: 0, count: x.columns)
        x.withUnsafePointer { x0 in
            for row in 0..<x.rows {
                for column in 0..<x.columns { sums[column] += Double(x0[row * x.columns + column]) }
            }
        }
        return sums
    }

    package struct Result: Sendable {
        package var loss: Double
        package var gradient: Matrix  // (rows, columns)
        package var columnSums: [Double]  // (columns)
        package var columnWeights: [Double]  // (columns)

        /// The mean loss of some columns by their weights; 0 where nothing counts.
        package func mean(of columns: some Sequence<Int>) -> Double {
            let (loss, weight) = columns.reduce((0.0, 0.0)) { ($0.0 + columnSums[$1], $0.1 + columnWeights[$1]) }
            return weight > 0 ? loss / weight : 0
        }
    }
}
