/// Ridge regression from embeddings to classes (one against the rest), to see how much a linear reader finds in them.
///
/// Solved by conjugate gradients on the normal equations (Hestenes and Stiefel, 1952): nothing is factorised, and with
/// standardised columns a few dozen rounds are enough.
package struct LinearProbe: Sendable {
    private let means: [Float]  // (dimensions)
    private let inverseDeviations: [Float]  // (dimensions)
    private let weight: [Float]  // (dimensions + 1, classes), the constant last
    private let classes: Int

    private static let rounds = 60

    /// - Parameters:
    ///   - x: embeddings (rows, dimensions).
    ///   - labels: the class of each row, 0…classes − 1.
    ///   - ridge: penalty on squared weights, as a share of the number of rows.
    package init(
        _ x: Matrix, labels: [Int32], classes: Int, ridge: Float = 1e-2, using gemm: some MatrixMultiply
    ) {
        precondition(labels.count == x.rows && x.rows > 0 && classes > 0)
        (means, inverseDeviations) = Self.moments(x)
        self.classes = classes
        let z = Self.standardized(x, means, inverseDeviations)
        var counts = [Float](repeating: 0, count: classes)
        for label in labels { counts[Int(label)] += 1 }
        // Rows of rare classes count more, so that the probe is judged by class and not by frequency.
        let rowWeights = labels.map { Float(x.rows) / (Float(classes) * counts[Int($0)]) }
        var targets = Matrix(rows: x.rows, columns: classes, repeating: -1)
        for (row, label) in labels.enumerated() { targets[row, Int(label)] = 1 }
        weight = Self.solve(z, targets, rowWeights, ridge: ridge * Float(x.rows), using: gemm)
    }

    /// The class of each row.
    package func predict(_ x: Matrix, using gemm: some MatrixMultiply) -> [Int32] {
        let z = Self.standardized(x, means, inverseDeviations)
        let scores = Self.product(z, weight, columns: classes, using: gemm)
        return (0..<x.rows).map { row in
            Int32((0..<classes).max { scores[row, $0] < scores[row, $1] }!)
        }
    }

    /// Mean over the classes that occur of the share of their rows that `predict` gets right.
    package func balancedAccuracy(_ x: Matrix, labels: [Int32], using gemm: some MatrixMultiply) -> Double {
        var (right, all) = ([Double](repeating: 0, count: classes), [Double](repeating: 0, count: classes))
        for (predicted, label) in zip(predict(x, using: gemm), labels) {
            all[Int(label)] += 1
            if predicted == label { right[Int(label)] += 1 }
        }
        let occurring = all.indices.filter { all[$0] > 0 }
        return occurring.reduce(0) { $0 + right[$1] / all[$1] } / Double(max(1, occurring.count))
    }

    private static func moments(_ x: Matrix) -> ([Float], [Float]) {
        var means = [Float](repeating: 0, count: x.columns)
        FloatKernels.addColumnSums(of: x, to: &means)
        for column in means.indices { means[column] /= Float(x.rows) }
        var squares = [Float](repeating: 0, count: x.columns)
        for row in 0..<x.rows {
            for column in 0..<x.columns {
                let difference = x[row, column] - means[column]
                squares[column] += difference * difference
            }
        }
        return (means, squares.map { $0 > 0 ? 1 / ($0 / Float(x.rows)).squareRoot() : 0 })
    }

    /// (rows, dimensions + 1), the last column is 1.
    private static func standardized(_ x: Matrix, _ means: [Float], _ inverses: [Float]) -> Matrix {
        let columns = x.columns
        return Matrix(rows: x.rows, columns: columns + 1) { z in
            for row in 0..<x.rows {
                for column in 0..<columns {
                    z[row * (columns + 1) + column] = (x[row, column] - means[column]) * inverses[column]
                }
                z[row * (columns + 1) + columns] = 1
            }
        }
    }

    private static func product(
        _ z: Matrix, _ weight: [Float], columns: Int, using gemm: some MatrixMultiply
    ) -> Matrix {
        Matrix(rows: z.rows, columns: columns) { result in
            z.withUnsafePointer { z0 in
                weight.withUnsafeBufferPointer { weight in
                    gemm.multiply(
                        z0, transposed: false, weight.baseAddress!, transposed: false, into: result, m: z.rows,
                        n: columns, k: z.columns, beta: 0)
                }
            }
        }
    }

    /// (ZᵀDZ + ridge) W = ZᵀDT, each class its own sequence of rounds in step with the others.
    private static func solve(
        _ z: Matrix, _ targets: Matrix, _ rowWeights: [Float], ridge: Float, using gemm: some MatrixMultiply
    ) -> [Float] {
        let (width, classes) = (z.columns, targets.columns)
        func transposedProduct(_ x: Matrix) -> [Float] {
            var weighted = x
            for row in 0..<x.rows {
                for column in 0..<classes { weighted[row, column] *= rowWeights[row] }
            }
            return Matrix(rows: width, columns: classes) { result in
                z.withUnsafePointer { z0 in
                    weighted.withUnsafePointer { weighted in
                        gemm.multiply(
                            z0, transposed: true, weighted, transposed: false, into: result, m: width, n: classes,
                            k: z.rows, beta: 0)
                    }
                }
            }.values
        }
        func columnDots(_ a: [Float], _ b: [Float]) -> [Double] {
            var dots = [Double](repeating: 0, count: classes)
            for index in a.indices { dots[index % classes] += Double(a[index]) * Double(b[index]) }
            return dots
        }
        var solution = [Float](repeating: 0, count: width * classes)
        var residual = transposedProduct(targets)
        var direction = residual
        var power = columnDots(residual, residual)
        let enough = power.map { $0 * 1e-10 }
        for _ in 0..<rounds {
            guard zip(power, enough).contains(where: { $0 > $1 }) else { break }
            var image = transposedProduct(product(z, direction, columns: classes, using: gemm))
            for index in image.indices { image[index] += ridge * direction[index] }
            let curvature = columnDots(direction, image)
            let steps = classesMap(classes) { curvature[$0] > 0 ? Float(power[$0] / curvature[$0]) : 0 }
            for index in solution.indices {
                solution[index] += steps[index % classes] * direction[index]
                residual[index] -= steps[index % classes] * image[index]
            }
            let next = columnDots(residual, residual)
            let turns = classesMap(classes) { power[$0] > 0 ? Float(next[$0] / power[$0]) : 0 }
            for index in direction.indices {
                direction[index] = residual[index] + turns[index % classes] * direction[index]
            }
            power = next
        }
        return solution
    }

    private static func classesMap(_ classes: Int, _ value: (Int) -> Float) -> [Float] { (0..<classes).map(value) }
}
