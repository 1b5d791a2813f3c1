/// Runs an int8 graph over many lanes, a step at a time: what `StreamingEncoder` is for a TCN.
///
/// A step of a `window` graph is a whole window and keeps nothing; one of a `stream` graph is a few new samples beside
/// the lane's past. Stepping lanes one by one or in any batches gives the same bytes.
///
/// Owned by one thread. `step` allocates nothing once it has seen its largest batch.
package final class GraphEncoder {
    package let network: PackedGraph
    private var lanes: [LaneState] = []
    private var freeLanes: [Int] = []
    /// The lanes of one batch.
    private var batch: [LaneState] = []
    private var calls: UInt64 = 0
    private let pass: GraphPass
    /// in·p
    private let patchValues: Int
    /// E
    private let width: Int

    package convenience init(bundle: GraphBundle, kernels: KernelSet) {
        self.init(PackedGraph(bundle: bundle, kernels: kernels))
    }

    /// A graph without a bundle, for checks.
    package convenience init(_ graph: QuantizedGraph, kernels: KernelSet) throws(BundleError) {
        self.init(
            PackedGraph(graph: graph, shapes: try graph.validatedShapes(), fingerprint: "", kernels: kernels))
    }

    package init(_ network: PackedGraph) {
        self.network = network
        pass = GraphPass(network)
        patchValues = network.graph.patchValues
        width = network.graph.embedding
        batch.reserveCapacity(pass.capacity)
    }

    deinit {
        for lane in lanes { lane.rings?.deallocate() }
    }

    package var graph: QuantizedGraph { network.graph }

    /// Lanes in use.
    package var laneCount: Int { lanes.count - freeLanes.count }

    /// Bytes of state that a lane keeps.
    package var laneStateSize: Int { network.layout.byteCount }

    /// A lane with no past. The number of a removed lane may come back.
    package func addLane() -> Int {
        let state = LaneState(rings: .allocate(capacity: max(1, laneStateSize)))
        let index: Int
        if let free = freeLanes.popLast() {
            index = free
            lanes[index] = state
        } else {
            index = lanes.count
            lanes.append(state)
        }
        resetLane(index)
        return index
    }

    package func removeLane(_ lane: Int) {
        rings(of: lane).deallocate()
        lanes[lane].rings = nil
        freeLanes.append(lane)
    }

    /// Forgets a lane's past.
    package func resetLane(_ lane: Int) {
        network.layout.reset(rings(of: lane))
        lanes[lane].position = 0
    }

    func rings(of lane: Int) -> UnsafeMutablePointer<Int8> {
        precondition(lanes.indices.contains(lane), "there is no lane \(lane)")
        guard let rings = lanes[lane].rings else { preconditionFailure("lane \(lane) was removed") }
        return rings
    }

    func position(of lane: Int) -> Int { lanes[lane].position }

    func setPosition(_ position: Int, of lane: Int) { lanes[lane].position = position }

    /// One step of every lane in `due`. The buffers may be longer than the rows need.
    /// - Parameters:
    ///   - due: (rows) lanes, each at most once.
    ///   - patches: (rows, in·p) normalised; what lies outside the input's range saturates, NaN counts as 0.
    ///   - embeddings: (rows, E) dequantised.
    @_lifetime(embeddings: copy embeddings)
    package func step(lanes due: Span<Int>, patches: Span<Float>, embeddings: inout MutableSpan<Float>) {
        precondition(embeddings.count >= due.count * width, "found no room for \(due.count) x \(width) values")
        embeddings.withUnsafeMutableBufferPointer { values in
            run(due, patches) { row, embedding in
                network.dequantize(count: width, values: embedding, output: values.baseAddress! + row * width)
            }
        }
    }

    /// As above, with the embeddings as the network makes them: (rows, E) int8.
    @_lifetime(bytes: copy bytes)
    package func step(lanes due: Span<Int>, patches: Span<Float>, bytes: inout MutableSpan<Int8>) {
        precondition(bytes.count >= due.count * width, "found no room for \(due.count) x \(width) values")
        bytes.withUnsafeMutableBufferPointer { bytes in
            run(due, patches) { row, embedding in
                (bytes.baseAddress! + row * width).update(from: embedding, count: width)
            }
        }
    }

    private func run(_ due: Span<Int>, _ patches: Span<Float>, _ take: (Int, UnsafePointer<Int8>) -> Void) {
        let values = patchValues
        precondition(patches.count >= due.count * values, "found \(patches.count) patch values for \(due.count) lanes")
        begin(due)
        patches.withUnsafeBufferPointer { patches in
            for first in stride(from: 0, to: due.count, by: pass.capacity) {
                let rows = first..<min(due.count, first + pass.capacity)
                batch.removeAll(keepingCapacity: true)
                for row in rows { batch.append(lanes[due[row]]) }
                batch.withUnsafeBufferPointer { pass.run($0, patches: patches.baseAddress! + first * values) }
                for row in rows {
                    take(row, pass.embedding(ofLane: row - first))
                    lanes[due[row]].position = (lanes[due[row]].position + 1) % network.layout.period
                }
            }
        }
    }

    private func begin(_ due: Span<Int>) {
        calls += 1
        for row in due.indices {
            _ = rings(of: due[row])
            precondition(lanes[due[row]].lastCall != calls, "lane \(due[row]) is twice in one batch")
            lanes[due[row]].lastCall = calls
        }
    }
}
