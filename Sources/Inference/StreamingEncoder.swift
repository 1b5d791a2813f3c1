internal import CKernels

/// Runs an int8 encoder over many lanes at once, a step at a time.
///
/// A lane is one causal input: a channel of a stream for an `independent` bundle, a stream for a `joint` one. Each
/// keeps the past frames that the dilated convolutions reach back to, so a step costs one frame and not a window.
/// Stepping lanes one by one, in any batches and orders, or running a window at once gives the same bytes.
///
/// Owned by one thread. Nothing is allocated in `step` while a batch is no larger than the reserved capacity.
package final class StreamingEncoder {
    package let architecture: TCNArchitecture
    /// The bundle's.
    package let fingerprint: String
    let network: PackedNetwork
    let layout: LaneStateLayout
    var lanes: [LaneState?] = []
    private var freeLanes: [Int] = []
    private var calls: UInt64 = 0
    private(set) var scratch: Scratch

    package convenience init(bundle: ModelBundle, kernels: KernelSet, batchCapacity: Int = 16) {
        self.init(
            architecture: bundle.architecture, network: bundle.network, fingerprint: bundle.fingerprint,
            kernels: kernels, batchCapacity: batchCapacity)
    }

    /// The architecture and the network are validated already.
    init(
        architecture: TCNArchitecture, network: QuantizedTCN, fingerprint: String, kernels: KernelSet,
        batchCapacity: Int = 1
    ) {
        self.architecture = architecture
        self.fingerprint = fingerprint
        self.network = PackedNetwork(architecture: architecture, network: network, kernels: kernels)
        layout = LaneStateLayout(architecture)
        scratch = Scratch(architecture, rows: batchCapacity)
    }

    deinit {
        for case let lane? in lanes { lane.rings.deallocate() }
    }

    /// Lanes in use.
    package var laneCount: Int { lanes.count - freeLanes.count }

    /// Bytes of state that a lane keeps; 32,640 for tcn64.
    package var laneStateSize: Int { layout.ringBytes }

    /// Rows that `step` takes without allocating.
    package var batchCapacity: Int { scratch.rows }

    /// Makes room for batches of `capacity` lanes.
    package func reserve(batchCapacity capacity: Int) {
        if capacity > scratch.rows { scratch = Scratch(architecture, rows: capacity) }
    }

    /// A lane with no past. The number of a removed lane may come back.
    package func addLane() -> Int {
        let lane = LaneState(rings: .allocate(capacity: layout.ringBytes))
        let index: Int
        if let free = freeLanes.popLast() {
            index = free
            lanes[index] = lane
        } else {
            index = lanes.count
            lanes.append(lane)
        }
        resetLane(index)
        return index
    }

    package func removeLane(_ lane: Int) {
        existing(lane).rings.deallocate()
        lanes[lane] = nil
        freeLanes.append(lane)
    }

    /// Forgets a lane's past: every frame before the next step is zero.
    package func resetLane(_ lane: Int) {
        let rings = existing(lane).rings
        for (index, block) in network.blocks.enumerated() {
            (rings + layout.ringOffsets[index]).initialize(
                repeating: block.inputZeroPoint, count: architecture.history(ofBlock: index) * architecture.channels)
        }
        lanes[lane]!.position = 0
    }

    func existing(_ lane: Int) -> LaneState {
        precondition(lanes.indices.contains(lane), "there is no lane \(lane)")
        guard let state = lanes[lane] else { preconditionFailure("lane \(lane) was removed") }
        return state
    }

    /// One step of every lane in `due`. Both buffers may be longer than the rows need: a caller keeps them at its
    /// largest batch.
    /// - Parameters:
    ///   - due: (rows) lanes, each at most once.
    ///   - patches: (rows, in·p) normalised; what lies outside the input's range saturates, NaN counts as 0.
    ///   - embeddings: (rows, E) dequantised.
    package func step(lanes due: Span<Int>, patches: Span<Float>, embeddings: inout MutableSpan<Float>) {
        let rows = due.count
        precondition(
            patches.count >= rows * architecture.patchValues,
            "found \(patches.count) patch values, expected at least \(rows) x \(architecture.patchValues)")
        precondition(
            embeddings.count >= rows * architecture.embedding,
            "found room for \(embeddings.count) values, expected at least \(rows) x \(architecture.embedding)")
        reserve(batchCapacity: rows)
        beginCall(due)
        patches.withUnsafeBufferPointer { patches in
            if let values = patches.baseAddress {
                network.quantize(count: rows * architecture.patchValues, values: values, output: scratch.input)
            }
        }
        stem(rows: rows)
        for index in network.blocks.indices { step(block: index, due: due) }
        project(rows: rows)
        for row in 0..<rows {
            let position = lanes[due[row]]!.position + 1
            lanes[due[row]]!.position = position == layout.period ? 0 : position
        }
        embeddings.withUnsafeMutableBufferPointer { embeddings in
            if let output = embeddings.baseAddress {
                network.dequantize(count: rows * architecture.embedding, values: scratch.embedding, output: output)
            }
        }
        scratch.filledRows = rows
    }

    /// The last step's embeddings as the network made them, (rows, E).
    package func withEmbeddingBytes<Result>(_ body: (Span<Int8>) throws -> Result) rethrows -> Result {
        try body(
            UnsafeBufferPointer(start: scratch.embedding, count: scratch.filledRows * architecture.embedding).span)
    }

    private func beginCall(_ due: Span<Int>) {
        calls += 1
        for row in due.indices {
            precondition(existing(due[row]).lastCall != calls, "lane \(due[row]) is twice in one batch")
            lanes[due[row]]!.lastCall = calls
        }
    }

    private func stem(rows: Int) {
        for row in 0..<rows { scratch.frames[row] = UnsafePointer(scratch.input + row * architecture.patchValues) }
        network.stem.run(rows: rows, frames: scratch.frames, output: scratch.x)
    }

    private func project(rows: Int) {
        pointAtRows(of: scratch.x, rows: rows)
        network.projection.run(rows: rows, frames: scratch.frames, output: scratch.embedding)
    }

    private func pointAtRows(of frames: UnsafeMutablePointer<Int8>, rows: Int) {
        for row in 0..<rows { scratch.frames[row] = UnsafePointer(frames + row * architecture.channels) }
    }

    /// Points the taps at each lane's ring, runs the block and puts its input into the rings.
    private func step(block index: Int, due: Span<Int>) {
        let (rows, channels, taps) = (due.count, architecture.channels, architecture.kernel)
        let block = network.blocks[index]
        let slots = architecture.history(ofBlock: index)
        for row in 0..<rows {
            let lane = lanes[due[row]]!
            let ring = lane.rings + layout.ringOffsets[index]
            var slot = lane.position % slots
            for tap in 0..<(taps - 1) {
                scratch.frames[row * taps + tap] = UnsafePointer(ring + slot * channels)
                slot += block.dilation
                if slot >= slots { slot -= slots }
            }
            scratch.frames[row * taps + taps - 1] = UnsafePointer(scratch.x + row * channels)
        }
        block.conv.run(rows: rows, frames: scratch.frames, output: scratch.u)
        for row in 0..<rows {
            let lane = lanes[due[row]]!
            let slot = lane.rings + layout.ringOffsets[index] + lane.position % slots * channels
            slot.update(from: scratch.x + row * channels, count: channels)
        }
        pointAtRows(of: scratch.u, rows: rows)
        block.pointwise.run(rows: rows, frames: scratch.frames, output: scratch.v)
        network.add(block, count: rows * channels, x: scratch.x, v: scratch.v)
    }
}
