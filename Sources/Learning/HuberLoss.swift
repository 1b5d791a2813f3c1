/// Weighted Huber loss (Huber, 1964): squares up to `delta`, straight lines beyond, so that a spike does not rule
/// the gradient. Masked reconstruction and forecasting both use it; the weights say which targets count.
package struct HuberLoss: Sendable {
    package var delta: Float

    package init(delta: Float = 1) { self.delta = delta }

    /// Mean over targets by their weights, and its gradient by the prediction. All three (rows, columns).
    ///
    /// `columnSums` and `columnWeights` are the weighted sums of losses and the sums of weights of each column, for
    /// reports on groups of columns; their totals' ratio is the loss.
    package func evaluate(_ prediction: Matrix, target: Matrix, weight: Matrix) -> Result {
        precondition(prediction.columns == target.columns && prediction.rows == target.rows)
        precondition(weight.columns == target.columns && weight.rows == target.rows)
        let (rows, columns) = (prediction.rows, prediction.columns)
        var columnSums = [Double](repeating: 0, count: columns)
        var columnWeights = columnSums
        for row in 0..<rows {
            for column in 0..<columns { columnWeights[column] += Double(weight.values[row * columns + column]) }
        }
        let total = columnWeights.reduce(0, +)
        let inverse = total > 0 ? Float(1 / total) : 0
        let gradient = Matrix(rows: rows, columns: columns) { gradient in
            prediction.withUnsafePointer { prediction in
                target.withUnsafePointer { target in
                    weight.withUnsafePointer { weight in
                        for row in 0..<rows {
                            for column in 0..<columns {
                                let index = row * columns + column
                                let difference = prediction[index] - target[index]
                                let clipped = max(-delta, min(delta, difference))
                                // c·(d − c/2): the square inside and the straight line outside in one expression.
                                columnSums[column] += Double(weight[index] * clipped * (difference - 0.5 * clipped))
                                gradient[index] = weight[index] * inverse * clipped
                            }
                        }
                    }
                }
            }
        }
        return Result(
            loss: total > 0 ? columnSums.reduce(0, +) / total : 0, gradient: gradient, columnSums: columnSums,
            columnWeights: columnWeights)
    }

    package struct Result: Sendable {
        package var loss: Double
        package var gradient: Matrix  // (rows, columns)
        package var columnSums: [Double]  // (columns)
        package var columnWeights: [Double]  // (columns)
    }
}
