/// Sums over labelled rows of features from which a `RidgeClassifier` follows exactly. They add and subtract, so leaving
/// someone out costs no second pass.
package struct ClassSums: Sendable {
    let dimensions: Int
    let classes: Int
    private(set) var count = 0.0
    private(set) var sums: [Double]  // (dimensions)
    private(set) var products: [Double]  // (dimensions, dimensions), the lower half
    private(set) var classCounts: [Double]  // (classes)
    private(set) var classSums: [Double]  // (classes, dimensions)

    package init(dimensions: Int, classes: Int) {
        self.dimensions = dimensions
        self.classes = classes
        sums = Array(repeating: 0, count: dimensions)
        products = Array(repeating: 0, count: dimensions * dimensions)
        classCounts = Array(repeating: 0, count: classes)
        classSums = Array(repeating: 0, count: classes * dimensions)
    }

    package init(_ rows: [[Double]], labels: [Int], classes: Int) {
        self.init(dimensions: rows.first?.count ?? 0, classes: classes)
        for (row, label) in zip(rows, labels) { add(row, label: label) }
    }

    /// - Parameter weight: for how many rows this one counts.
    package mutating func add(_ row: [Double], label: Int, weight: Double = 1) {
        precondition(row.count == dimensions && label < classes, "a row of \(row.count) features of class \(label)")
        count += weight
        classCounts[label] += weight
        let dimensions = dimensions
        products.withUnsafeMutableBufferPointer { products in
            row.withUnsafeBufferPointer { row in
                for i in 0..<dimensions {
                    let value = weight * row[i]
                    sums[i] += value
                    classSums[label * dimensions + i] += value
                    let line = i * dimensions
                    for j in 0...i { products[line + j] += value * row[j] }
                }
            }
        }
    }

    package static func += (left: inout Self, right: Self) { left.combine(right, sign: 1) }
    package static func -= (left: inout Self, right: Self) { left.combine(right, sign: -1) }

    private mutating func combine(_ other: Self, sign: Double) {
        precondition(other.dimensions == dimensions && other.classes == classes, "sums of different shapes")
        count += sign * other.count
        for index in sums.indices { sums[index] += sign * other.sums[index] }
        for index in products.indices { products[index] += sign * other.products[index] }
        for index in classCounts.indices { classCounts[index] += sign * other.classCounts[index] }
        for index in classSums.indices { classSums[index] += sign * other.classSums[index] }
    }
}
