/// Which lanes have a tail of their own, and the embeddings that it gives them.
///
/// The encoder's own tail stays in place and its embeddings stay what they are: a frozen reference beside every adapted
/// lane. A tail is exchanged between two steps, whole. Owned by one thread; `apply` allocates nothing once it has seen
/// its largest batch.
package final class LaneTails {
    private let architecture: TCNArchitecture
    private let encoder: TailEncoder
    /// Each once, however many lanes have it.
    private var tails: [PackedTail] = []
    /// The place in `tails` of each lane's, −1 where it has none.
    private var places: [Int] = []  // (lanes)
    /// Rows of one tail, side by side.
    private var gathered: [Int8] = []  // (rows, k, C)
    private var found: [Float] = []  // (rows, E)
    private var rows: [Int] = []

    package init(_ architecture: TCNArchitecture) {
        self.architecture = architecture
        encoder = TailEncoder(architecture)
    }

    /// Whether no lane has one.
    package var isEmpty: Bool { tails.isEmpty }

    /// The one that a lane has already.
    package func packed(_ tail: QuantizedTail) -> PackedTail? { tails.first { $0.tail == tail } }

    /// From the next step on; nil gives the lane back to the encoder's own.
    package func set(_ tail: PackedTail?, ofLane lane: Int) {
        while places.count <= lane { places.append(-1) }
        places[lane] = -1
        if let tail {
            let known = tails.firstIndex { $0 === tail }
            if known == nil { tails.append(tail) }
            places[lane] = known ?? tails.count - 1
        }
        // What no lane has any more goes, from the last on, so that places stay true.
        for place in tails.indices.reversed() where !places.contains(place) {
            tails.remove(at: place)
            for lane in places.indices where places[lane] > place { places[lane] -= 1 }
        }
    }

    /// Writes the embeddings of the lanes that have a tail; the rows of the others stay as they are.
    /// - Parameters:
    ///   - due: (rows) lanes.
    ///   - tapped: (rows, k, C).
    ///   - embeddings: (rows, E).
    @_lifetime(embeddings: copy embeddings)
    package func apply(lanes due: Span<Int>, tapped: Span<Int8>, embeddings: inout MutableSpan<Float>) {
        let (size, width) = (architecture.tapBytes, architecture.embedding)
        for place in 0..<tails.count {
            // All rows of a tail at once: their layers are products of matrices then.
            rows.removeAll(keepingCapacity: true)
            gathered.removeAll(keepingCapacity: true)
            for row in 0..<due.count {
                let lane = due[row]
                guard lane < places.count, places[lane] == place else { continue }
                rows.append(row)
                for index in row * size..<(row + 1) * size { gathered.append(tapped[index]) }
            }
            guard !rows.isEmpty else { continue }
            while found.count < rows.count * width { found.append(0) }
            var output = found.mutableSpan
            encoder.embed(gathered.span, with: tails[place], into: &output)
            for index in 0..<rows.count {
                for column in 0..<width { embeddings[rows[index] * width + column] = found[index * width + column] }
            }
        }
    }
}
