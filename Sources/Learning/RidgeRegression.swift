/// Linear regression with a penalty on squared weights (Hoerl and Kennard, 1970), from sums that rows are added to: rows
/// need not be kept. The sums also hold the rows' mean and covariance.
///
/// Freshly fitted, it is the fairest reader of an embedding: heads that were trained beside one encoder would judge for
/// it.
package struct RidgeRegression: Sendable {
    package let inputs: Int
    package let outputs: Int
    private let width: Int
    private var products: [Double]  // (inputs + 1, inputs + 1), the constant last; lower triangle
    private var targets: [Double]  // (outputs, inputs + 1)
    package private(set) var rows = 0

    package init(inputs: Int, outputs: Int) {
        self.inputs = inputs
        self.outputs = outputs
        width = inputs + 1
        products = Array(repeating: 0, count: width * width)
        targets = Array(repeating: 0, count: outputs * width)
    }

    /// Adds x (rows, inputs) with y (rows, outputs). Rows without a target of their own do not count.
    /// - Parameter counts: whether row i counts.
    package mutating func add(_ x: Matrix, _ y: Matrix, where counts: (Int) -> Bool = { _ in true }) {
        precondition(x.columns == inputs && y.columns == outputs && x.rows == y.rows, "rows of another shape")
        var row = [Double](repeating: 1, count: width)
        for index in 0..<x.rows where counts(index) {
            for column in 0..<inputs { row[column] = Double(x[index, column]) }
            for i in 0..<width {
                let value = row[i]
                for j in 0...i { products[i * width + j] += value * row[j] }
            }
            for output in 0..<outputs {
                let value = Double(y[index, output])
                for i in 0..<width { targets[output * width + i] += value * row[i] }
            }
            rows += 1
        }
    }

    /// Weight (outputs, inputs) and bias (outputs) with the least squared error.
    /// - Parameter penalty: on squared weights, as a share of the inputs' mean variance.
    /// - Returns: nil where nothing was added.
    package func solution(penalty: Double = 1e-3) -> (weight: [Float], bias: [Float])? {
        guard rows > 0 else { return nil }
        var matrix = products
        let added = Double(rows) * max(1e-9, penalty * meanVariance)
        for index in 0..<inputs { matrix[index * width + index] += added }
        matrix[inputs * width + inputs] += 1e-9
        guard let factor = CholeskyFactor(matrix, size: width) else { return nil }
        var (weight, bias) = ([Float](), [Float]())
        for output in 0..<outputs {
            var right = Array(targets[output * width..<(output + 1) * width])
            factor.solve(&right)
            weight += right[..<inputs].map { Float($0) }
            bias.append(Float(right[inputs]))
        }
        return (weight, bias)
    }

    /// The inputs' distribution so far.
    /// - Parameter penalty: added to each variance, as a share of their mean.
    package func distribution(penalty: Double = 1e-3) -> GaussianDistribution? {
        guard rows > 1 else { return nil }
        let n = Double(rows)
        let mean = (0..<inputs).map { products[inputs * width + $0] / n }
        var covariance = [Double](repeating: 0, count: inputs * inputs)
        for i in 0..<inputs {
            for j in 0...i { covariance[i * inputs + j] = products[i * width + j] / n - mean[i] * mean[j] }
            covariance[i * inputs + i] += max(1e-9, penalty * meanVariance)
        }
        return CholeskyFactor(covariance, size: inputs).map { GaussianDistribution(mean: mean, factor: $0) }
    }

    private var meanVariance: Double {
        let n = Double(max(1, rows))
        var sum = 0.0
        for index in 0..<inputs {
            let mean = products[inputs * width + index] / n
            sum += max(0, products[index * width + index] / n - mean * mean)
        }
        return sum / Double(inputs)
    }
}

/// A multivariate normal distribution, to say how far a row lies from it.
package struct GaussianDistribution: Sendable {
    package let mean: [Double]
    fileprivate let factor: CholeskyFactor

    /// Squared Mahalanobis distance over the number of dimensions: 1 on average over what it was made of.
    package func distance(_ row: some Sequence<Float>) -> Double {
        var difference = zip(row, mean).map { Double($0) - $1 }
        factor.halfSolve(&difference)
        return difference.reduce(0) { $0 + $1 * $1 } / Double(mean.count)
    }
}
