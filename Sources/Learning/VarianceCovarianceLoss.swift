/// VICReg (Bardes, Ponce and LeCun, 2022) on the embeddings of two views of the same moments.
///
/// The views must agree (invariance), every dimension must spread over the batch (variance, a hinge at deviation 1)
/// and dimensions must not repeat each other (covariance): no negative pairs, no queue, no collapse.
package struct VarianceCovarianceLoss: Sendable {
    package var invariance: Float
    package var variance: Float
    package var covariance: Float

    package init(invariance: Float, variance: Float, covariance: Float) {
        self.invariance = invariance
        self.variance = variance
        self.covariance = covariance
    }

    /// The weighted sum of the three terms, and its gradients. Both views (rows, dimensions), rows ≥ 2.
    package func evaluate(
        _ first: Matrix, _ second: Matrix, using gemm: some MatrixMultiply
    ) -> (terms: Terms, first: Matrix, second: Matrix) {
        precondition(first.rows == second.rows && first.columns == second.columns && first.rows >= 2)
        var terms = Terms(invariance: 0, variance: 0, covariance: 0)
        var firstGradient = spread(first, &terms, using: gemm)
        var secondGradient = spread(second, &terms, using: gemm)
        let count = first.values.count
        let factor = 2 * invariance / Float(count)
        var sum = 0.0
        firstGradient.withUnsafeMutablePointer { firstGradient in
            secondGradient.withUnsafeMutablePointer { secondGradient in
                for index in 0..<count {
                    let difference = first.values[index] - second.values[index]
                    sum += Double(difference * difference)
                    firstGradient[index] += factor * difference
                    secondGradient[index] -= factor * difference
                }
            }
        }
        terms.invariance = Double(invariance) * sum / Double(count)
        return (terms, firstGradient, secondGradient)
    }

    /// Variance and covariance terms of one view: adds to `terms`, returns the gradient.
    private func spread(_ x: Matrix, _ terms: inout Terms, using gemm: some MatrixMultiply) -> Matrix {
        let (rows, dimensions) = (x.rows, x.columns)
        var mean = [Float](repeating: 0, count: dimensions)
        FloatKernels.addColumnSums(of: x, to: &mean)
        for index in mean.indices { mean[index] /= Float(rows) }
        let centred = Matrix(rows: rows, columns: dimensions) { centred in
            for row in 0..<rows {
                for column in 0..<dimensions { centred[row * dimensions + column] = x[row, column] - mean[column] }
            }
        }
        var product = Matrix(rows: dimensions, columns: dimensions)
        product.withUnsafeMutablePointer { product in
            centred.withUnsafePointer { centred in
                gemm.multiply(
                    centred, transposed: true, centred, transposed: false, into: product, m: dimensions,
                    n: dimensions, k: rows, beta: 0)
            }
        }
        // The gradient by the centred view is `centred` times one (dimensions, dimensions) matrix: off its diagonal
        // the covariance term, on it the hinge. Centring changes nothing: the columns of `centred` sum to zero.
        let scale = 1 / Float(rows - 1)
        var mixing = Matrix(rows: dimensions, columns: dimensions)
        for i in 0..<dimensions {
            for j in 0..<dimensions where j != i {
                let value = product[i, j] * scale
                terms.covariance += Double(covariance * value * value) / Double(dimensions)
                mixing[i, j] = 4 * covariance * value * scale / Float(dimensions)
            }
            let deviation = (product[i, i] * scale + 1e-4).squareRoot()
            if deviation < 1 {
                terms.variance += Double(variance * (1 - deviation)) / Double(dimensions)
                mixing[i, i] = -variance * scale / (deviation * Float(dimensions))
            }
        }
        return Matrix(rows: rows, columns: dimensions) { gradient in
            centred.withUnsafePointer { centred in
                mixing.withUnsafePointer { mixing in
                    gemm.multiply(
                        centred, transposed: false, mixing, transposed: false, into: gradient, m: rows,
                        n: dimensions, k: dimensions, beta: 0)
                }
            }
        }
    }

    /// The three weighted terms; variance and covariance are summed over both views.
    package struct Terms: Sendable, Equatable {
        package var invariance: Double
        package var variance: Double
        package var covariance: Double
        package var total: Double { invariance + variance + covariance }
    }
}
