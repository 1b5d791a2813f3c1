import SedgeCore

/// Finds changes that no single step shows: a generalised likelihood-ratio test for a change of mean (Willsky and Jones,
/// 1976) over blocks of steps.
///
/// The mean of a block hardly depends on where in its period a signal stands, so blocks of one regime differ by noise
/// alone. How large that noise is, is read off the stream: half the mean squared difference of successive blocks, for
/// each dimension. With each block every division of the present segment in two is tried; the best one counts when the
/// squared difference of its two means, in units of their noise and averaged over dimensions, exceeds `threshold`. For
/// noise alone it is about 1.
///
/// At most `capacity` blocks are kept; when they are full, neighbours are joined, and the segment is looked at more
/// coarsely. Block length and threshold were chosen on every other series of TSSB (docs/results/tssb.md).
struct SegmentSplit: Sendable, Equatable {
    /// Where the present segment divides.
    struct Division: Sendable, Equatable {
        /// Event time of the first step behind it.
        let since: Timestamp
        let before: [Float]  // (stride), the mean of the older part
        let after: [Float]  // (stride), of the younger
        /// Blocks of the younger part.
        let blocks: Float
    }

    static let blockSteps = 128
    static let capacity = 32
    /// Blocks on either side, and differences before the noise means something.
    private static let least: Float = 3
    private static let leastDifferences = 8
    static let threshold: Float = 3.5
    /// Differences that the noise remembers.
    private static let memory = 512

    private let dimension: Int
    private let stride: Int
    private var sum: [Float]  // (stride), of the block that is being filled
    private var filled = 0
    private var began = Timestamp(microseconds: 0)
    private var last: [Float]  // (stride), the mean of the block before
    private var hasLast = false
    private var noise: [Float]  // (stride), variance of a block's mean
    private var differences = 0
    private var blocks: [Block] = []
    private var means: [Float] = []  // (blocks, stride)

    private struct Block: Sendable, Equatable {
        var began: Timestamp
        /// How many blocks of `blockSteps` were joined.
        var weight: Float
    }

    init(dimension: Int) {
        self.dimension = dimension
        stride = VectorMath.padded(dimension)
        sum = Array(repeating: 0, count: stride)
        last = Array(repeating: 0, count: stride)
        noise = Array(repeating: 0, count: stride)
    }

    var knowsNoise: Bool { differences >= Self.leastDifferences }

    /// - Parameter input: (stride), zeros behind `dimension`.
    mutating func observe(time: Timestamp, _ input: [Float]) -> Division? {
        if filled == 0 { began = time }
        for index in 0..<dimension { sum[index] += input[index] }
        filled += 1
        guard filled == Self.blockSteps else { return nil }
        let mean = sum.map { $0 / Float(Self.blockSteps) }
        for index in 0..<stride { sum[index] = 0 }
        filled = 0
        learnNoise(mean)
        if blocks.count == Self.capacity { join() }
        blocks.append(Block(began: began, weight: 1))
        means += mean
        return knowsNoise ? divide() : nil
    }

    /// The stream has gone to another regime already: what came before is no part of the present segment.
    mutating func restart() {
        blocks.removeAll(keepingCapacity: true)
        means.removeAll(keepingCapacity: true)
        for index in 0..<stride { sum[index] = 0 }
        (filled, hasLast) = (0, false)
    }

    /// Squared difference of two means in units of their noise; about 1 where there is none.
    /// - Parameters:
    ///   - blocks: how many made the first mean.
    ///   - others: how many made the second, which begins at `offset` of `row`.
    func distance(_ mean: [Float], blocks: Float, _ row: [Float], at offset: Int = 0, others: Float) -> Float {
        let floor = floor()
        var total: Float = 0
        for index in 0..<dimension {
            let difference = mean[index] - row[offset + index]
            total += difference * difference / (noise[index] + floor)
        }
        return blocks * others / (blocks + others) * total / Float(dimension)
    }

    /// No dimension is so quiet that a trifle in it would be a change.
    private func floor() -> Float {
        var total: Float = 0
        for index in 0..<dimension { total += noise[index] }
        return max(1e-6, 0.05 * total / Float(dimension))
    }

    private mutating func learnNoise(_ mean: [Float]) {
        defer { (last, hasLast) = (mean, true) }
        guard hasLast else { return }
        differences = min(Self.memory, differences + 1)
        let rate = 1 / Float(differences)
        for index in 0..<dimension {
            let difference = mean[index] - last[index]
            noise[index] += rate * (0.5 * difference * difference - noise[index])
        }
    }

    /// Neighbours become one.
    private mutating func join() {
        let half = Self.capacity / 2
        for index in 0..<half {
            let (a, b) = (blocks[2 * index], blocks[2 * index + 1])
            let weight = a.weight + b.weight
            for position in 0..<stride {
                let (x, y) = (means[2 * index * stride + position], means[(2 * index + 1) * stride + position])
                means[index * stride + position] = (a.weight * x + b.weight * y) / weight
            }
            blocks[index] = Block(began: a.began, weight: weight)
        }
        blocks.removeLast(blocks.count - half)
        means.removeLast(means.count - half * stride)
    }

    private mutating func divide() -> Division? {
        let total = blocks.reduce(0) { $0 + $1.weight }
        guard total >= 2 * Self.least else { return nil }
        let whole = weightedSum(blocks.indices)
        var before = [Float](repeating: 0, count: stride)
        var (weight, best, place): (Float, Float, Int) = (0, Self.threshold, 0)
        for index in blocks.indices.dropLast() {
            weight += blocks[index].weight
            for position in 0..<stride {
                before[position] += blocks[index].weight * means[index * stride + position]
            }
            guard weight >= Self.least else { continue }
            let left = before.map { $0 / weight }
            let right = zip(whole, before).map { ($0 - $1) / (total - weight) }
            let apart = distance(left, blocks: weight, right, others: total - weight)
            if apart > best { (best, place) = (apart, index + 1) }
        }
        // Too young a part may still grow backwards or pass: the next blocks will tell.
        guard place > 0, blocks[place...].reduce(0, { $0 + $1.weight }) >= Self.least else { return nil }
        let older = weightedSum(0..<place)
        let olderWeight = blocks[..<place].reduce(0) { $0 + $1.weight }
        let division = Division(
            since: blocks[place].began, before: older.map { $0 / olderWeight },
            after: zip(whole, older).map { ($0 - $1) / (total - olderWeight) }, blocks: total - olderWeight)
        blocks.removeFirst(place)
        means.removeFirst(place * stride)
        return division
    }

    private func weightedSum(_ range: Range<Int>) -> [Float] {
        var result = [Float](repeating: 0, count: stride)
        for index in range {
            for position in 0..<stride { result[position] += blocks[index].weight * means[index * stride + position] }
        }
        return result
    }

    func write(to writer: inout SnapshotWriter) {
        writer.write(sum)
        writer.write(last)
        writer.write(noise)
        for value in [filled, differences, blocks.count] { writer.write(Int64(value)) }
        writer.write(hasLast)
        writer.write(began.microseconds)
        for block in blocks {
            writer.write(block.began.microseconds)
            writer.write([block.weight])
        }
        writer.write(means)
    }

    mutating func read(from reader: inout SnapshotReader) throws(SnapshotError) {
        sum = try reader.readFiniteFloats("sum of a block", count: stride)
        last = try reader.readFiniteFloats("last block", count: stride)
        noise = try reader.readFiniteFloats("noise of blocks", count: stride)
        guard noise.allSatisfy({ $0 >= 0 }) else { throw .impossible("a negative noise of blocks") }
        filled = try reader.readInteger("steps of a block", in: 0...Self.blockSteps - 1)
        differences = try reader.readInteger("differences of blocks", in: 0...Self.memory)
        let count = try reader.readInteger("blocks", in: 0...Self.capacity)
        hasLast = try reader.readBool()
        began = Timestamp(microseconds: try reader.read(Int64.self))
        blocks.removeAll(keepingCapacity: true)
        for _ in 0..<count {
            let began = Timestamp(microseconds: try reader.read(Int64.self))
            let weight = try reader.readFiniteFloats("weight of a block", count: 1)[0]
            guard weight >= 1 else { throw .impossible("a block of weight \(weight)") }
            blocks.append(Block(began: began, weight: weight))
        }
        means = try reader.readFiniteFloats("means of blocks", count: count * stride)
    }
}
