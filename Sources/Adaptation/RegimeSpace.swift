import SedgeCore

/// Where the regimes of a stream lie: their centroids, the smoothed step beside them, and the pooled variance inside
/// regimes that distances are relative to.
struct RegimeSpace: Sendable, Equatable {
    let dimension: Int
    private let stride: Int
    private var smoothed: [Float]  // (stride)
    private var variance: [Float]  // (stride)
    private var inverse: [Float]  // (stride); 1 over the variance
    private(set) var centroids: [Float]  // (rows, stride)

    /// Weight of the newest step: regimes look at a mean over about fifteen.
    private static let smoothing: Float = 0.125

    init(dimension: Int, rows: Int) {
        self.dimension = dimension
        stride = VectorMath.padded(dimension)
        smoothed = Array(repeating: 0, count: stride)
        variance = Array(repeating: 0, count: stride)
        inverse = Array(repeating: 0, count: stride)
        centroids = Array(repeating: 0, count: rows * stride)
    }

    private func range(of row: Int) -> Range<Int> { (row * stride)..<((row + 1) * stride) }

    /// Where a row begins in `centroids`.
    func offset(of row: Int) -> Int { row * stride }

    subscript(row: Int) -> [Float] {
        get { Array(centroids[range(of: row)]) }
        set { for position in 0..<stride { centroids[row * stride + position] = newValue[position] } }
    }

    /// - Parameter input: `dimension` values, then zeros up to a multiple of eight.
    mutating func smooth(_ input: [Float], isFirst: Bool) {
        let rate = isFirst ? 1 : Self.smoothing
        smoothed.withUnsafeMutableBufferPointer { smoothed in
            input.withUnsafeBufferPointer { input in
                var index = 0
                while index < stride {
                    let old = VectorMath.load(smoothed.baseAddress! + index)
                    let new = VectorMath.load(input.baseAddress! + index)
                    VectorMath.store(old + (new - old) * rate, smoothed.baseAddress! + index)
                    index += 8
                }
            }
        }
    }

    /// Puts a row where the smoothed step is.
    mutating func place(row: Int) {
        for position in 0..<stride { centroids[row * stride + position] = smoothed[position] }
    }

    /// Moves a row towards the smoothed step.
    mutating func move(row: Int, rate: Float) {
        let base = row * stride
        for position in 0..<dimension {
            centroids[base + position] += rate * (smoothed[position] - centroids[base + position])
        }
    }

    /// As `move`, of a row whose regime the step belongs to: how far it was off counts towards the variance.
    mutating func learn(row: Int, rate: Float, pooled: Float) {
        let base = row * stride
        for position in 0..<dimension {
            let difference = smoothed[position] - centroids[base + position]
            centroids[base + position] += rate * difference
            variance[position] = (1 - pooled) * (variance[position] + pooled * difference * difference)
        }
    }

    /// Makes `distance` go by the variance as it is now.
    mutating func invertVariance() {
        var total: Float = 0
        for position in 0..<dimension { total += variance[position] }
        let floor = max(1e-6, 0.05 * total / Float(dimension))
        for position in 0..<dimension { inverse[position] = 1 / (variance[position] + floor) }
    }

    /// Mean over dimensions of the squared difference between the smoothed step and a centroid, relative to variance.
    func distance(row: Int) -> Float {
        smoothed.withUnsafeBufferPointer { smoothed in
            centroids.withUnsafeBufferPointer { centroids in
                inverse.withUnsafeBufferPointer { inverse in
                    var sum = VectorMath.Lanes.zero
                    var index = 0
                    while index < stride {
                        let centroid = VectorMath.load(centroids.baseAddress! + row * stride + index)
                        let difference = VectorMath.load(smoothed.baseAddress! + index) - centroid
                        sum += difference * difference * VectorMath.load(inverse.baseAddress! + index)
                        index += 8
                    }
                    return sum.sum() / Float(dimension)
                }
            }
        }
    }

    /// The step and the variance; rows go with the regimes that own them.
    func write(to writer: inout SnapshotWriter) {
        writer.write(smoothed)
        writer.write(variance)
    }

    mutating func read(from reader: inout SnapshotReader) throws(SnapshotError) {
        smoothed = try reader.readFiniteFloats("smoothed step", count: stride)
        variance = try reader.readFiniteFloats("pooled variance", count: stride)
        guard variance.allSatisfy({ $0 >= 0 }) else { throw .impossible("a negative variance in the states") }
    }

    mutating func read(row: Int, from reader: inout SnapshotReader) throws(SnapshotError) {
        centroids.replaceSubrange(range(of: row), with: try reader.readFiniteFloats("centroid", count: stride))
    }
}
