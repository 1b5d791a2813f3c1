import Learning

/// Ridge regression of several targets at once on standardised features.
package struct RidgeRegression: Sendable {
    private let means: [Double]  // (features)
    private let offsets: [Double]  // (targets)
    private let weights: [Double]  // (features, targets)

    /// - Parameter ridge: penalty on squared weights of standardised features, as a share of the number of rows.
    package init(_ data: RegressionSums, ridge: Double) {
        let (n, width) = (data.means.count, data.offsets.count)
        var products = data.products
        for i in 0..<n { products[i * n + i] = products[i * n + i] * (1 + ridge) + 1e-12 * data.count }
        let factor = CholeskyFactor(products, size: n)
        means = data.means
        offsets = data.offsets
        var weights = [Double](repeating: 0, count: n * width)
        for target in 0..<width {
            var column = (0..<n).map { data.crossed[$0 * width + target] }
            guard let factor else { continue }
            factor.solve(&column)
            for index in 0..<n { weights[index * width + target] = column[index] }
        }
        self.weights = weights
    }

    package func predict(_ row: [Double]) -> [Double] {
        var result = offsets
        let width = offsets.count
        for index in means.indices {
            let value = row[index] - means[index]
            for target in 0..<width { result[target] += value * weights[index * width + target] }
        }
        return result
    }
}
