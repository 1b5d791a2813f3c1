package import SedgeCore

/// Some steps of a stream that a person spoke of, with what is needed to tell how near another step is to them.
///
/// Squared distances, a mean over dimensions, each relative to the variance that the stream had in it. A step within
/// `reach` of an example looks like it: four times the farthest that an example lies from its nearest neighbour (twice,
/// were it no square), and no farther than would take in one in ten of the stream's other steps.
package struct ExampleSet: Sendable, Equatable {
    package let dimension: Int
    package let count: Int
    package let vectors: [Float]  // (count, stride)
    /// Mean of the stream's steps.
    package let center: [Float]  // (stride)
    /// 1 over the stream's variance.
    package let weights: [Float]  // (stride)
    package let reach: Float
    /// `dimension` in whole vector lanes.
    let stride: Int

    /// Examples that are kept of one span: those most unlike each other.
    package static let limit = 12
    private static let format: UInt32 = 0x4558_0001
    /// Share of the mean variance below which no dimension's is believed.
    private static let varianceShare: Float = 0.05
    private static let leastReach: Float = 0.05
    private static let greatestReach: Float = 1e6
    /// Share of the other steps that may lie within reach.
    private static let othersShare = 0.1
    /// An event's example to which the others lie nearer than by this share of the greatest distance is an ordinary one.
    private static let eventShare: Float = 0.25

    /// - Parameters:
    ///   - rows: at least one.
    ///   - background: other steps of the stream, which say how much it varies.
    ///   - isEvent: they are something unusual, and ordinary steps among them, as before and behind it, are none.
    package init(
        _ rows: [RecentSteps.Row], dimension: Int, background: [RecentSteps.Row], isEvent: Bool = false
    ) {
        precondition(!rows.isEmpty, "examples need a step")
        self.dimension = dimension
        stride = VectorMath.padded(dimension)
        let (center, weights) = Self.moments(background + rows, dimension)
        (self.center, self.weights) = (center, weights)
        let times = Set(rows.map(\.time))
        let others = background.filter { !times.contains($0.time) }
        var chosen = Self.spread(rows.map(\.vector), weights)
        if isEvent {
            let room = chosen.map { Self.room(of: [$0], among: others, weights, dimension) }
            let least = Self.eventShare * (room.max() ?? 0)
            chosen = zip(chosen, room).filter { $1 >= least }.map(\.0)
        }
        count = chosen.count
        vectors = chosen.flatMap { $0 }
        let gaps = Self.gaps(chosen, weights, dimension)
        let limit = Self.room(of: chosen, among: others, weights, dimension)
        // One or two examples say nothing of how far apart they lie.
        let wanted = chosen.count > 2 ? 4 * (gaps.max() ?? 0) : 0.5 * limit
        reach = min(Self.greatestReach, max(Self.leastReach, min(wanted, limit)))
    }

    /// The examples one by one.
    package var rows: [[Float]] { (0..<count).map { Array(vectors[$0 * stride..<($0 + 1) * stride]) } }

    /// Relative distance of a step to the nearest example: up to 1 it looks like it.
    func relativeDistance(to vector: [Float]) -> Float {
        var least = Float.infinity
        for index in 0..<count { least = min(least, distance(of: index, to: vector)) }
        return least / reach
    }

    private func distance(of index: Int, to vector: [Float]) -> Float {
        vectors.withUnsafeBufferPointer { vectors in
            vector.withUnsafeBufferPointer { vector in
                weights.withUnsafeBufferPointer { weights in
                    Self.sum(
                        vectors.baseAddress! + index * stride, vector.baseAddress!, weights.baseAddress!, stride)
                        / Float(dimension)
                }
            }
        }
    }

    private static func distance(_ one: [Float], _ other: [Float], _ weights: [Float], _ dimension: Int) -> Float {
        one.withUnsafeBufferPointer { one in
            other.withUnsafeBufferPointer { other in
                weights.withUnsafeBufferPointer {
                    sum(one.baseAddress!, other.baseAddress!, $0.baseAddress!, weights.count) / Float(dimension)
                }
            }
        }
    }

    private static func sum(
        _ one: UnsafePointer<Float>, _ other: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, _ count: Int
    ) -> Float {
        var sum = VectorMath.Lanes.zero
        var index = 0
        while index < count {
            let difference = VectorMath.load(one + index) - VectorMath.load(other + index)
            sum += difference * difference * VectorMath.load(weights + index)
            index += 8
        }
        return sum.sum()
    }

    /// Mean and inverse variance of steps.
    private static func moments(_ rows: [RecentSteps.Row], _ dimension: Int) -> (mean: [Float], weights: [Float]) {
        var mean = [Float](repeating: 0, count: VectorMath.padded(dimension))
        var variance = [Float](repeating: 0, count: dimension)
        for (number, row) in rows.enumerated() {
            let rate = 1 / Float(number + 1)
            for index in 0..<dimension {
                let difference = row.vector[index] - mean[index]
                mean[index] += rate * difference
                variance[index] = (1 - rate) * (variance[index] + rate * difference * difference)
            }
        }
        let floor = max(1e-6, varianceShare * variance.reduce(0, +) / Float(dimension))
        var weights = [Float](repeating: 0, count: VectorMath.padded(dimension))
        for index in 0..<dimension { weights[index] = 1 / (variance[index] + floor) }
        return (mean, weights)
    }

    /// How near to the examples so many of the other steps lie that more must not be within reach.
    private static func room(
        of examples: [[Float]], among others: [RecentSteps.Row], _ weights: [Float], _ dimension: Int
    ) -> Float {
        let distances = others.map { row in
            examples.reduce(Float.infinity) { min($0, distance($1, row.vector, weights, dimension)) }
        }.sorted()
        return distances.isEmpty ? 1 : distances[Int(othersShare * Double(distances.count))]
    }

    /// Distance of each example to the nearest other.
    private static func gaps(_ rows: [[Float]], _ weights: [Float], _ dimension: Int) -> [Float] {
        rows.indices.map { index in
            rows.indices.filter { $0 != index }.map { distance(rows[index], rows[$0], weights, dimension) }.min() ?? 0
        }
    }

    /// The newest row, then again and again the one farthest from those chosen (Gonzalez, 1985).
    private static func spread(_ rows: [[Float]], _ weights: [Float]) -> [[Float]] {
        guard let last = rows.last, rows.count > limit else { return rows }
        let dimension = weights.count
        var chosen = [last]
        var gaps = rows.map { distance($0, last, weights, dimension) }
        while chosen.count < limit, let farthest = gaps.indices.max(by: { gaps[$0] < gaps[$1] }) {
            chosen.append(rows[farthest])
            for index in rows.indices {
                gaps[index] = min(gaps[index], distance(rows[index], rows[farthest], weights, dimension))
            }
        }
        return chosen
    }

    package func snapshot() -> [UInt8] {
        var writer = SnapshotWriter(format: Self.format)
        writer.write(UInt32(dimension))
        writer.write(UInt32(count))
        writer.write(vectors)
        writer.write(center)
        writer.write(weights)
        writer.write(reach)
        return writer.finish()
    }

    /// Of the steps in a snapshot.
    /// - Throws: where the bytes are damaged or from another version.
    package static func dimension(of snapshot: [UInt8]) throws(SnapshotError) -> Int {
        var reader = try SnapshotReader(snapshot, format: Self.format)
        let found = Int(try reader.read(UInt32.self))
        guard (1...1 << 16).contains(found) else { throw .impossible("steps of \(found) dimensions") }
        return found
    }

    /// - Throws: where the bytes are damaged, from another version, or of steps of another dimension.
    package init(dimension: Int, restoring snapshot: [UInt8]) throws(SnapshotError) {
        var reader = try SnapshotReader(snapshot, format: Self.format)
        let found = Int(try reader.read(UInt32.self))
        guard found == dimension else { throw .length(expected: dimension, found: found) }
        self.dimension = dimension
        stride = VectorMath.padded(dimension)
        count = Int(try reader.read(UInt32.self))
        guard (1...Self.limit).contains(count) else { throw .length(expected: Self.limit, found: count) }
        vectors = try reader.readFiniteFloats("examples", count: count * stride)
        center = try reader.readFiniteFloats("mean of a stream", count: stride)
        weights = try reader.readFiniteFloats("weights of examples", count: stride)
        reach = try reader.readFloat()
        guard (Self.leastReach...Self.greatestReach).contains(reach), weights.allSatisfy({ (0...1e9).contains($0) })
        else { throw .impossible("an example's reach or weight is out of range") }
        try reader.finish()
    }
}
