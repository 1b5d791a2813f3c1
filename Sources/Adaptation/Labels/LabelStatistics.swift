package import SedgeCore

/// What is known of labelled steps: the mean of each label and the scatter that all share, updated example by example.
///
/// The statistics of a linear discriminant analysis, in one pass and with weights (Welford, 1962; Pang, Ozawa, Kasabov,
/// 2005). They add up: those that a bundle ships and those of a stream are one when merged.
package struct LabelStatistics: Sendable, Equatable {
    package let dimension: Int
    /// In the order in which they came.
    package private(set) var names: [String] = []
    /// Weight of each label's examples.
    package private(set) var counts: [Double] = []
    package private(set) var means: [[Double]] = []  // (labels, dimension)
    /// Sum of weighted products of deviations from the labels' means.
    package private(set) var scatter: [Double]  // (dimension, dimension), lower half
    /// Mean and variance of the stream's steps, labelled or not.
    package private(set) var center: [Double]  // (dimension)
    package private(set) var variance: [Double]  // (dimension)
    private var backgrounds = 0.0

    private static let format: UInt32 = 0x4C53_0001
    /// Names that one set of statistics holds at most.
    package static let nameLimit = 64

    package init(dimension: Int) {
        precondition(dimension > 0, "statistics have a dimension")
        self.dimension = dimension
        scatter = Array(repeating: 0, count: dimension * dimension)
        center = Array(repeating: 0, count: dimension)
        variance = Array(repeating: 0, count: dimension)
    }

    package var isEmpty: Bool { names.isEmpty }
    /// Weight of all examples.
    package var total: Double { counts.reduce(0, +) }

    /// Takes in one example; `vector` has at least `dimension` finite values. Of a name beyond the limit nothing is kept.
    package mutating func observe(_ vector: [Float], label: String, weight: Double = 1) {
        guard weight > 0, let place = place(of: label) else { return }
        counts[place] += weight
        let share = weight / counts[place]
        var before = [Double](repeating: 0, count: dimension)
        var after = before
        for index in 0..<dimension {
            before[index] = Double(vector[index]) - means[place][index]
            means[place][index] += share * before[index]
            after[index] = weight * (Double(vector[index]) - means[place][index])
        }
        addProduct(before, after)
    }

    /// Takes in the steps of a lesson, and what it says of the stream as a whole.
    package mutating func observe(_ examples: ExampleSet, label: String) {
        for row in examples.rows { observe(row, label: label) }
        observeBackground(
            center: (0..<dimension).map { Double(examples.center[$0]) },
            variance: (0..<dimension).map { examples.weights[$0] > 0 ? 1 / Double(examples.weights[$0]) : 0 })
    }

    /// Takes in the mean and the variance that a stream's steps had.
    package mutating func observeBackground(center newCenter: [Double], variance newVariance: [Double]) {
        backgrounds += 1
        for index in 0..<dimension {
            center[index] += (newCenter[index] - center[index]) / backgrounds
            variance[index] += (newVariance[index] - variance[index]) / backgrounds
        }
    }

    /// Adds what others know, `weight` of theirs for one of ours.
    package mutating func merge(_ other: LabelStatistics, weight: Double = 1) {
        precondition(other.dimension == dimension, "\(other.dimension) dimensions, expected \(dimension)")
        for (index, name) in other.names.enumerated() {
            guard let place = place(of: name) else { continue }
            let added = weight * other.counts[index]
            let sum = counts[place] + added
            guard sum > 0 else { continue }
            let apart = zip(other.means[index], means[place]).map { $0 - $1 }
            let factor = counts[place] * added / sum
            if factor > 0 { addProduct(apart, apart.map { $0 * factor }) }
            for position in 0..<dimension { means[place][position] += added / sum * apart[position] }
            counts[place] = sum
        }
        for index in scatter.indices { scatter[index] += weight * other.scatter[index] }
        if other.backgrounds > 0 { observeBackground(center: other.center, variance: other.variance) }
    }

    private mutating func place(of label: String) -> Int? {
        if let place = names.firstIndex(of: label) { return place }
        guard names.count < Self.nameLimit else { return nil }
        names.append(label)
        counts.append(0)
        means.append(Array(repeating: 0, count: dimension))
        return names.count - 1
    }

    /// The lower half of the outer product.
    private mutating func addProduct(_ one: [Double], _ other: [Double]) {
        scatter.withUnsafeMutableBufferPointer { scatter in
            for row in 0..<dimension where one[row] != 0 {
                let factor = one[row]
                for column in 0...row { scatter[row * dimension + column] += factor * other[column] }
            }
        }
    }

    // MARK: Bytes

    package func snapshot() -> [UInt8] {
        var writer = SnapshotWriter(format: Self.format)
        writer.write(UInt32(dimension))
        writer.write(UInt32(names.count))
        for (index, name) in names.enumerated() {
            writer.write(name)
            writer.write(counts[index])
            writer.write(means[index].map { Float($0) })
        }
        for row in 0..<dimension {
            writer.write(scatter[row * dimension...row * dimension + row].map { Float($0) })
        }
        writer.write(center.map { Float($0) })
        writer.write(variance.map { Float($0) })
        writer.write(backgrounds)
        return writer.finish()
    }

    /// - Throws: where the bytes are damaged, from another version, or can not be anybody's statistics.
    package init(restoring snapshot: [UInt8]) throws(SnapshotError) {
        var reader = try SnapshotReader(snapshot, format: Self.format)
        let dimension = Int(try reader.read(UInt32.self))
        guard (1...4096).contains(dimension) else { throw .impossible("\(dimension) dimensions of labels") }
        self.init(dimension: dimension)
        let count = Int(try reader.read(UInt32.self))
        guard count <= Self.nameLimit else { throw .length(expected: Self.nameLimit, found: count) }
        for _ in 0..<count {
            names.append(try reader.readString())
            counts.append(try reader.readFinite("weight of a label", in: 0...1e12))
            means.append(try reader.readFiniteFloats("mean of a label", count: dimension).map { Double($0) })
        }
        for row in 0..<dimension {
            let values = try reader.readFiniteFloats("scatter of labels", count: row + 1)
            guard values[row] >= 0 else { throw .impossible("a negative variance of labels") }
            for (column, value) in values.enumerated() { scatter[row * dimension + column] = Double(value) }
        }
        center = try reader.readFiniteFloats("mean of steps", count: dimension).map { Double($0) }
        variance = try reader.readFiniteFloats("variance of steps", count: dimension).map { Double($0) }
        backgrounds = try reader.readFinite("streams", in: 0...1e9)
        guard Set(names).count == count, variance.allSatisfy({ $0 >= 0 }) else {
            throw .impossible("a label twice, or a negative variance of steps")
        }
        try reader.finish()
    }
}
