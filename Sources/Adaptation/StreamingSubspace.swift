import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Streaming principal subspace with a novelty score: Mahalanobis distance inside, residual energy outside.
///
/// Components come from candid covariance-free incremental PCA (CCIPCA; Weng, Zhang, Hwang, 2003): each keeps a
/// vector whose direction tends to the eigenvector and whose length to the eigenvalue, at a cost of O(rank ·
/// dimension) a step. The score is the sum of T² and Q of statistical process control, each relative to its own
/// running mean, halved: about 1 on what the subspace knows.
struct StreamingSubspace: Sendable, Equatable {
    let dimension: Int
    let rank: Int
    /// Steps after which a vector counts 1/e.
    let memory: Float
    /// `dimension` in whole vector lanes.
    private let stride: Int
    private var mean: [Float]  // (stride)
    private var basis: [Float]  // (rank, stride); length of a row = its eigenvalue
    private var lengths: [Float]  // (rank)
    private var count: Float = 0
    /// Mean T² a component and mean squared residual of what was learned.
    private var meanInside: Float = 1
    private var meanOutside: Float = 0
    private var work: [Float]  // (stride); free between calls

    /// No score is above this.
    static let ceiling: Float = 1e6
    /// An input whose score is above this has its weight in learning cut in proportion.
    private static let influence: Float = 8
    /// CCIPCA's amnesic parameter: early vectors, projected on what was not yet known, fade sooner.
    private static let amnesia: Float = 1

    init(dimension: Int, rank: Int, memory: Double) {
        precondition(dimension > 0 && rank > 0, "a subspace needs a dimension and a rank")
        self.dimension = dimension
        self.rank = min(rank, dimension)
        self.memory = Float(memory)
        stride = VectorMath.padded(dimension)
        mean = Array(repeating: 0, count: stride)
        basis = Array(repeating: 0, count: self.rank * stride)
        lengths = Array(repeating: 0, count: self.rank)
        work = Array(repeating: 0, count: stride)
    }

    /// Variances of the components, in the order in which they were found.
    var eigenvalues: [Float] { lengths }

    /// Unit vector of component `index`, or zeros where there is none yet.
    func component(_ index: Int) -> [Float] {
        let length = lengths[index]
        return (0..<dimension).map { length > 0 ? basis[index * stride + $0] / length : 0 }
    }

    /// The least variance that counts as one: of a component, and of the whole residual.
    private var varianceFloor: Float {
        var total = meanOutside
        for length in lengths { total += length }
        return max(1e-6, 1e-4 * total / Float(dimension))
    }

    /// Novelty of `input`, 0 to `ceiling`; 1 before there is anything to compare with.
    ///
    /// - Parameter input: `dimension` finite values, then zeros up to a multiple of eight.
    mutating func score(_ input: UnsafePointer<Float>) -> Float {
        guard count > Float(rank) else { return 1 }
        let (inside, outside) = distances(input)
        let score = 0.5 * (inside / max(0.1, meanInside) + outside / max(meanOutside, varianceFloor))
        return min(Self.ceiling, score)
    }

    /// Learns from `input`, given the score that it had.
    mutating func learn(_ input: UnsafePointer<Float>, score: Float) {
        if count > Float(rank) {
            let (inside, outside) = distances(input)
            let rate = 1 / min(count, memory)
            meanInside += rate * (min(inside, 50) - meanInside)
            let limit = 50 * max(meanOutside, varianceFloor)
            meanOutside += rate * ((count < 32 ? outside : min(outside, limit)) - meanOutside)
        }
        count = min(count + 1, memory)
        let weight = min(1, Self.influence / max(score, 1e-3))
        let rate = weight / count
        let amnesic = min(0.5, weight * (1 + Self.amnesia) / count)
        let stride = self.stride
        let found = Int(min(count - 1, Float(rank)))
        work.withUnsafeMutableBufferPointer { work in
            let rest = work.baseAddress!
            mean.withUnsafeMutableBufferPointer { mean in
                VectorMath.subtract(input, mean.baseAddress!, into: rest, stride)
                VectorMath.add(rest, scale: rate, to: mean.baseAddress!, stride)
            }
            basis.withUnsafeMutableBufferPointer { basis in
                for index in 0..<found {
                    let row = basis.baseAddress! + index * stride
                    let length = lengths[index]
                    guard length > 1e-12 else {
                        // What never varied so far takes the first direction that does.
                        VectorMath.add(rest, scale: VectorMath.dot(rest, rest, stride).squareRoot(), to: row, stride)
                        lengths[index] = VectorMath.dot(row, row, stride).squareRoot()
                        return
                    }
                    let projection = VectorMath.dot(rest, row, stride) / length
                    Self.turn(
                        row, rest, keep: 1 - amnesic, pull: amnesic * projection, take: projection / length, stride)
                    lengths[index] = VectorMath.dot(row, row, stride).squareRoot()
                }
                if found < rank, found == Int(count) - 1 {
                    let row = basis.baseAddress! + found * stride
                    VectorMath.add(rest, scale: VectorMath.dot(rest, rest, stride).squareRoot(), to: row, stride)
                    lengths[found] = VectorMath.dot(row, row, stride).squareRoot()
                }
            }
        }
    }

    /// Mean squared standardised projection, and squared length of what the subspace does not span.
    private mutating func distances(_ input: UnsafePointer<Float>) -> (inside: Float, outside: Float) {
        let stride = self.stride
        let floor = varianceFloor
        return work.withUnsafeMutableBufferPointer { work in
            let rest = work.baseAddress!
            mean.withUnsafeBufferPointer { VectorMath.subtract(input, $0.baseAddress!, into: rest, stride) }
            return basis.withUnsafeBufferPointer { basis in
                var inside: Float = 0
                for index in 0..<rank {
                    let length = lengths[index]
                    guard length > 1e-12 else { continue }
                    let row = basis.baseAddress! + index * stride
                    let projection = VectorMath.dot(rest, row, stride) / length
                    inside += projection * projection / max(length, floor)
                    VectorMath.add(row, scale: -projection / length, to: rest, stride)
                }
                return (inside / Float(rank), VectorMath.dot(rest, rest, stride))
            }
        }
    }

    /// In one pass: `row = keep · row + pull · rest`, and `rest` loses what the former row spanned.
    private static func turn(
        _ row: UnsafeMutablePointer<Float>, _ rest: UnsafeMutablePointer<Float>, keep: Float, pull: Float, take: Float,
        _ count: Int
    ) {
        var index = 0
        while index < count {
            let old = VectorMath.load(row + index)
            let value = VectorMath.load(rest + index)
            VectorMath.store(old * keep + value * pull, row + index)
            VectorMath.store(value - old * take, rest + index)
            index += 8
        }
    }

    func write(to writer: inout SnapshotWriter) {
        writer.write(mean)
        writer.write(basis)
        writer.write(lengths)
        writer.write([count, meanInside, meanOutside])
    }

    mutating func read(from reader: inout SnapshotReader) throws(SnapshotError) {
        mean = try reader.readFiniteFloats("mean of a subspace", count: stride)
        basis = try reader.readFiniteFloats("basis of a subspace", count: rank * stride)
        lengths = try reader.readFiniteFloats("eigenvalues of a subspace", count: rank)
        let scalars = try reader.readFiniteFloats("scalars of a subspace", count: 3)
        guard lengths.allSatisfy({ $0 >= 0 }), scalars[0] >= 0, scalars[0] <= memory, scalars[1] >= 0, scalars[2] >= 0
        else { throw .impossible("a negative variance or a count out of range in a subspace") }
        (count, meanInside, meanOutside) = (scalars[0], scalars[1], scalars[2])
    }
}
