package import SedgeCore

/// What a stream looked like lately: the features of its last steps, all of the newest and ever fewer of older ones,
/// so that people can speak of a past time.
///
/// Rings of `ringLength` rows; every second row that falls out of one goes on to the next. At 0.8 s a step all of the
/// last minute and a half is kept, and something of the last 14 hours. A row is int8 with a scale of its own, so one
/// channel of 64 embeddings takes 33 kB and six take 190 kB.
package struct RecentSteps: Sendable, Equatable {
    package let dimension: Int
    private var rings: [Ring]

    private struct Ring: Sendable, Equatable {
        var times: [Int64] = []  // oldest at `next` once full
        var scales: [Float] = []
        var states: [UInt32] = []
        var values: [Int8] = []  // (rows, dimension)
        var next = 0
        /// Whether the next row that falls out is passed on.
        var passesOn = false
    }

    /// One row, read back.
    package struct Row: Sendable, Equatable {
        package var time: Timestamp
        /// Number of the learned state; 0 where there was none.
        package var state: Int
        package var vector: [Float]  // (dimension, padded)
    }

    private static let ringLength = 128
    private static let olderLength = 32
    private static let ringCount = 11
    private static let format: UInt32 = 0x4E5E_0001

    package init(dimension: Int) {
        precondition(dimension > 0, "a row has a dimension")
        self.dimension = dimension
        rings = Array(repeating: Ring(), count: Self.ringCount)
    }

    /// Rows kept.
    package var count: Int { rings.reduce(0) { $0 + $1.times.count } }
    package var isEmpty: Bool { rings[0].times.isEmpty }

    /// From the oldest row to the newest; nil without any.
    package var span: TimeSpan? {
        let times = rings.flatMap(\.times)
        guard let first = times.min(), let last = times.max() else { return nil }
        return TimeSpan(from: Timestamp(microseconds: first), to: Timestamp(microseconds: last))
    }

    /// - Parameters:
    ///   - vector: at least `dimension` finite values.
    ///   - state: number of the learned state, 0 for none.
    package mutating func append(time: Timestamp, vector: [Float], state: Int) {
        var greatest: Float = 1e-6
        for index in 0..<dimension { greatest = max(greatest, abs(vector[index])) }
        let scale = greatest / 127
        var row = (time: time.microseconds, scale: scale, state: UInt32(clamping: state))
        var values = [Int8](repeating: 0, count: dimension)
        for index in 0..<dimension { values[index] = Int8((vector[index] / scale).rounded(.toNearestOrEven)) }
        for index in rings.indices {
            let length = index == 0 ? Self.ringLength : Self.olderLength
            if rings[index].times.count < length {
                rings[index].times.append(row.time)
                rings[index].scales.append(row.scale)
                rings[index].states.append(row.state)
                rings[index].values += values
                return
            }
            let place = rings[index].next
            let range = place * dimension..<(place + 1) * dimension
            let old = (rings[index].times[place], rings[index].scales[place], rings[index].states[place])
            let oldValues = Array(rings[index].values[range])
            rings[index].times[place] = row.time
            rings[index].scales[place] = row.scale
            rings[index].states[place] = row.state
            rings[index].values.replaceSubrange(range, with: values)
            rings[index].next = (place + 1) % length
            rings[index].passesOn.toggle()
            guard rings[index].passesOn else { return }
            (row, values) = (old, oldValues)
        }
    }

    /// The rows of a time span, oldest first.
    package func rows(in span: TimeSpan) -> [Row] {
        var found: [Row] = []
        for ring in rings {
            for index in ring.times.indices where span.contains(Timestamp(microseconds: ring.times[index])) {
                found.append(row(index, of: ring))
            }
        }
        return found.sorted { $0.time < $1.time }
    }

    /// All rows, oldest first.
    package var rows: [Row] {
        rows(in: TimeSpan(from: Timestamp(microseconds: .min), to: Timestamp(microseconds: .max)))
    }

    private func row(_ index: Int, of ring: Ring) -> Row {
        var vector = [Float](repeating: 0, count: VectorMath.padded(dimension))
        for position in 0..<dimension {
            vector[position] = Float(ring.values[index * dimension + position]) * ring.scales[index]
        }
        return Row(time: Timestamp(microseconds: ring.times[index]), state: Int(ring.states[index]), vector: vector)
    }

    package func snapshot() -> [UInt8] {
        var writer = SnapshotWriter(format: Self.format)
        writer.write(UInt32(dimension))
        for ring in rings {
            writer.write(ring.times)
            writer.write(ring.scales)
            writer.write(ring.states)
            writer.write(ring.values)
            writer.write(UInt32(ring.next))
            writer.write(ring.passesOn)
        }
        return writer.finish()
    }

    /// - Throws: where the snapshot is damaged, from another version, or of rows of another dimension.
    package init(dimension: Int, restoring snapshot: [UInt8]) throws(SnapshotError) {
        self.init(dimension: dimension)
        var reader = try SnapshotReader(snapshot, format: Self.format)
        let found = Int(try reader.read(UInt32.self))
        guard found == dimension else { throw .length(expected: dimension, found: found) }
        for index in rings.indices {
            let length = index == 0 ? Self.ringLength : Self.olderLength
            var ring = Ring()
            ring.times = try reader.readArray(Int64.self)
            guard ring.times.count <= length else { throw .length(expected: length, found: ring.times.count) }
            ring.scales = try reader.readFiniteFloats("scale of a step", count: ring.times.count)
            ring.states = try reader.readArray(UInt32.self, count: ring.times.count)
            ring.values = try reader.readArray(Int8.self, count: ring.times.count * dimension)
            ring.next = Int(try reader.read(UInt32.self))
            ring.passesOn = try reader.readBool()
            guard ring.scales.allSatisfy({ (0...1e6).contains($0) }), ring.next < length else {
                throw .impossible("a recent step's scale or place is out of range")
            }
            rings[index] = ring
        }
        try reader.finish()
    }
}
