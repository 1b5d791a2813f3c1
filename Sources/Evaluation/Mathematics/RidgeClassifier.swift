import Learning

/// Ridge regression on standardised features, one class against the rest: the linear model behind every probe here.
package struct RidgeClassifier: Sendable {
    /// The penalty on squared weights of standardised features, as a share of the number of rows. Chosen on HAR's
    /// phones (0.001, 0.01, 0.1), and the same for every set.
    package static let ridge = 0.01

    private let means: [Double]  // (dimensions)
    private let shares: [Double]  // (classes)
    private let weights: [[Double]]  // (classes, dimensions)

    package init(_ data: ClassSums, ridge: Double = Self.ridge) {
        let (n, count) = (data.dimensions, max(1, data.count))
        let means = data.sums.map { $0 / count }
        var matrix = data.products
        let isUsed = (0..<n).map { index in
            // What rounding leaves of a constant feature is no variance.
            let square = matrix[index * n + index]
            return square - count * means[index] * means[index] > 1e-10 * (square + 1e-300)
        }
        for i in 0..<n {
            for j in 0..<i {
                matrix[i * n + j] = isUsed[i] && isUsed[j] ? matrix[i * n + j] - count * means[i] * means[j] : 0
            }
            matrix[i * n + i] =
                isUsed[i] ? (matrix[i * n + i] - count * means[i] * means[i]) * (1 + ridge) + 1e-300 : 1
        }
        let factor = CholeskyFactor(matrix, size: n)
        self.means = means
        shares = data.classCounts.map { $0 / count }
        weights = (0..<data.classes).map { label in
            var b = (0..<n).map { i in
                isUsed[i] ? data.classSums[label * n + i] - data.classCounts[label] * means[i] : 0
            }
            guard let factor else { return [Double](repeating: 0, count: n) }
            factor.solve(&b)
            return b
        }
    }

    /// One value a class; the greatest wins.
    package func scores(_ row: [Double]) -> [Double] {
        weights.indices.map { label in
            var sum = shares[label]
            for index in row.indices { sum += weights[label][index] * (row[index] - means[index]) }
            return sum
        }
    }

    package func predict(_ row: [Double]) -> Int {
        let scores = scores(row)
        return scores.indices.max { scores[$0] < scores[$1] } ?? 0
    }
}
