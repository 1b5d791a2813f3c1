import SedgeCore

/// Decayed micro-clusters of embeddings with a novelty score: the squared distance to the nearest centre, relative to
/// its running mean, about 1 on what is known.
///
/// A vector far from all centres becomes one, as long as there is place; a vector near one moves it. When all places
/// are taken, a very far vector takes the place of a centre that was hardly used, or else the two nearest centres join.
/// Uses fade with `memory`, so what the stream no longer does gives way (after CluStream and DenStream; Aggarwal 2003,
/// Cao 2006). A step costs O(capacity · dimension), a join O(capacity² · dimension).
struct MicroClusters: Sendable, Equatable {
    let dimension: Int
    /// Steps after which a use counts 1/e.
    let memory: Float
    /// `dimension` in whole vector lanes.
    private let stride: Int
    private var centres: [Float]  // (capacity, stride)
    private var uses: [Float]  // (capacity)
    private var used = 0
    /// Mean squared distance to the nearest centre of what was learned.
    private var typical: Float = 0
    private var count: Float = 0
    /// Of the vector that was scored last.
    private var nearest = (index: 0, distance: Float(0))

    static let capacity = 16
    /// No score is above this.
    static let ceiling: Float = 1e6
    /// In typical distances: from here on a vector becomes a centre while there is place, and when there is none.
    private static let far: Float = 2
    private static let veryFar: Float = 8
    /// A centre of fewer uses gives way.
    private static let fewUses: Float = 3
    /// In learning, no distance counts for more than so many typical ones.
    private static let influence: Float = 50
    private static let floor: Float = 1e-6

    init(dimension: Int, memory: Double) {
        precondition(dimension > 0, "clusters need a dimension")
        self.dimension = dimension
        self.memory = Float(memory)
        stride = VectorMath.padded(dimension)
        centres = Array(repeating: 0, count: Self.capacity * stride)
        uses = Array(repeating: 0, count: Self.capacity)
    }

    static func == (a: Self, b: Self) -> Bool {
        a.centres == b.centres && a.uses == b.uses && a.used == b.used && a.typical == b.typical && a.count == b.count
    }

    /// Novelty of `input`, 0 to `ceiling`; 1 before there is anything to compare with.
    ///
    /// - Parameter input: `dimension` finite values, then zeros up to a multiple of eight.
    mutating func score(_ input: UnsafePointer<Float>) -> Float {
        nearest = (0, .infinity)
        centres.withUnsafeBufferPointer { centres in
            for index in 0..<used {
                let distance = VectorMath.squaredDistance(input, centres.baseAddress! + index * stride, stride)
                if distance < nearest.distance { nearest = (index, distance) }
            }
        }
        guard used >= 2 else { return 1 }
        return min(Self.ceiling, nearest.distance / max(typical, Self.floor))
    }

    /// Learns from `input`, which was scored last.
    mutating func learn(_ input: UnsafePointer<Float>) {
        count = min(count + 1, memory)
        for index in 0..<used { uses[index] *= 1 - 1 / memory }
        if used < 2 {
            place(input, at: used)
            used += 1
            if used == 2 { typical = nearest.distance }
            return
        }
        let isFar = nearest.distance > Self.far * max(typical, Self.floor)
        if used < Self.capacity, isFar {
            place(input, at: used)
            used += 1
        } else if used == Self.capacity, nearest.distance > Self.veryFar * max(typical, Self.floor) {
            makePlace(for: input)
        } else {
            uses[nearest.index] += 1
            let rate = max(1 / uses[nearest.index], 1 / memory)
            move(nearest.index, towards: input, by: rate)
        }
        let bounded = min(nearest.distance, Self.influence * max(typical, Self.floor))
        typical += 1 / count * (bounded - typical)
    }

    private mutating func place(_ input: UnsafePointer<Float>, at index: Int) {
        for offset in 0..<stride { centres[index * stride + offset] = input[offset] }
        uses[index] = 1
    }

    private mutating func move(_ index: Int, towards input: UnsafePointer<Float>, by rate: Float) {
        let start = index * stride
        for offset in 0..<stride { centres[start + offset] += rate * (input[offset] - centres[start + offset]) }
    }

    private mutating func makePlace(for input: UnsafePointer<Float>) {
        var least = 0
        for index in 1..<Self.capacity where uses[index] < uses[least] { least = index }
        if uses[least] >= Self.fewUses { least = joinNearestPair() }
        place(input, at: least)
    }

    /// The place that became free.
    private mutating func joinNearestPair() -> Int {
        var pair = (kept: 0, freed: 1, distance: Float.infinity)
        centres.withUnsafeBufferPointer { centres in
            for one in 0..<Self.capacity {
                for other in (one + 1)..<Self.capacity {
                    let distance = VectorMath.squaredDistance(
                        centres.baseAddress! + one * stride, centres.baseAddress! + other * stride, stride)
                    if distance < pair.distance { pair = (one, other, distance) }
                }
            }
        }
        let share = uses[pair.freed] / max(Self.floor, uses[pair.kept] + uses[pair.freed])
        for offset in 0..<stride {
            let kept = pair.kept * stride + offset
            centres[kept] += share * (centres[pair.freed * stride + offset] - centres[kept])
        }
        uses[pair.kept] += uses[pair.freed]
        return pair.freed
    }

    func write(to writer: inout SnapshotWriter) {
        writer.write(Array(centres[..<(used * stride)]))
        writer.write(Array(uses[..<used]))
        writer.write([typical, count])
    }

    mutating func read(from reader: inout SnapshotReader) throws(SnapshotError) {
        let found = try reader.readFloats()
        guard found.count % stride == 0, found.count <= centres.count, found.allSatisfy(\.isFinite) else {
            throw .impossible("\(found.count) values of centres, expected rows of \(stride)")
        }
        used = found.count / stride
        centres.replaceSubrange(0..<found.count, with: found)
        let counts = try reader.readFiniteFloats("uses of clusters", count: used)
        uses.replaceSubrange(0..<used, with: counts)
        let scalars = try reader.readFiniteFloats("scalars of clusters", count: 2)
        guard counts.allSatisfy({ $0 >= 0 }), scalars[0] >= 0, (0...memory).contains(scalars[1]) else {
            throw .impossible("a negative use or a count out of range in clusters")
        }
        (typical, count) = (scalars[0], scalars[1])
    }
}
