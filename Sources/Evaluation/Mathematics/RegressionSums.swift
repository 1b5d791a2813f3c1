/// Centred sums over rows from which a `RidgeRegression` follows for any penalty.
package struct RegressionSums: Sendable {
    let count: Double
    let means: [Double]  // (features)
    let offsets: [Double]  // (targets)
    let products: [Double]  // (features, features), the lower half
    let crossed: [Double]  // (features, targets)

    /// - Parameters:
    ///   - rows: (rows, features), at least one.
    ///   - targets: (rows, targets).
    package init(_ rows: [[Double]], targets: [[Double]]) {
        precondition(rows.count == targets.count && !rows.isEmpty, "\(rows.count) rows and \(targets.count) targets")
        let (n, width, count) = (rows[0].count, targets[0].count, Double(rows.count))
        let means = Self.means(rows)
        let offsets = Self.means(targets)
        var products = [Double](repeating: 0, count: n * n)
        var crossed = [Double](repeating: 0, count: n * width)
        for (row, target) in zip(rows, targets) {
            let centred = zip(row, means).map { $0 - $1 }
            let aim = zip(target, offsets).map { $0 - $1 }
            for i in 0..<n {
                let value = centred[i]
                for j in 0...i { products[i * n + j] += value * centred[j] }
                for j in 0..<width { crossed[i * width + j] += value * aim[j] }
            }
        }
        (self.count, self.means, self.offsets) = (count, means, offsets)
        (self.products, self.crossed) = (products, crossed)
    }

    private static func means(_ rows: [[Double]]) -> [Double] {
        var sums = [Double](repeating: 0, count: rows[0].count)
        for row in rows { for index in sums.indices { sums[index] += row[index] } }
        return sums.map { $0 / Double(rows.count) }
    }
}
