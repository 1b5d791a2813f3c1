/// Runs an int8 encoder over many lanes at once, a step at a time.
///
/// A lane is one causal input: a channel of a stream for an `independent` bundle, a stream for a `joint` one. Each
/// keeps the past frames that the dilated convolutions reach back to, so a step costs one frame and not a window.
/// Stepping lanes one by one, in any batches and orders, on any number of threads, or running a window at once
/// (`WindowEncoder`) gives the same bytes.
///
/// Owned by one thread, whatever helps it. `step` allocates nothing.
package final class StreamingEncoder {
    /// Rows that go through the network together. More are no faster: the kernels have enough, and what lies between
    /// two layers stays in the innermost cache.
    static let chunkLimit = 64

    package let network: PackedNetwork
    /// Threads that share a batch, this one included.
    package let threads: Int
    /// Lanes that a thread must get for its wake-up to pay; see `tune`.
    package internal(set) var minimumShare = 16
    let layout: LaneStateLayout
    private(set) var lanes: [LaneState] = []
    private var freeLanes: [Int] = []
    private var calls: UInt64 = 0
    private let work: StepWork
    /// nil with one thread: no lock, no wake-up.
    private let pool: WorkerPool?

    package convenience init(bundle: ModelBundle, kernels: KernelSet, threads: Int = 1) {
        self.init(PackedNetwork(bundle: bundle, kernels: kernels), threads: threads)
    }

    package convenience init(_ network: PackedNetwork, threads: Int = 1) {
        precondition(threads >= 1, "found \(threads) threads, expected at least 1")
        self.init(network, threads: threads) { work in
            WorkerPool(helpers: threads - 1, name: "sedge-infer") { work.run(worker: $0, chunk: $1) }
        }
    }

    /// - Parameter makePool: called for more than one thread.
    init(_ network: PackedNetwork, threads: Int, makePool: (StepWork) -> WorkerPool) {
        self.network = network
        self.threads = threads
        work = StepWork(network, workers: threads, chunkLimit: Self.chunkLimit)
        layout = work.layout
        pool = threads == 1 ? nil : makePool(work)
    }

    deinit {
        for lane in lanes { lane.rings?.deallocate() }
    }

    package var architecture: TCNArchitecture { network.architecture }

    /// The bundle's.
    package var fingerprint: String { network.fingerprint }

    /// Lanes in use.
    package var laneCount: Int { lanes.count - freeLanes.count }

    /// Bytes of state that a lane keeps; 32,640 for tcn64.
    package var laneStateSize: Int { layout.byteCount }

    /// A lane with no past. The number of a removed lane may come back.
    package func addLane() -> Int {
        let rings = UnsafeMutableRawPointer.allocate(byteCount: layout.byteCount, alignment: 64)
            .bindMemory(to: Int8.self, capacity: layout.byteCount)
        let index: Int
        if let free = freeLanes.popLast() {
            index = free
            lanes[index] = LaneState(rings: rings)
        } else {
            index = lanes.count
            lanes.append(LaneState(rings: rings))
        }
        resetLane(index)
        return index
    }

    package func removeLane(_ lane: Int) {
        rings(of: lane).deallocate()
        lanes[lane].rings = nil
        freeLanes.append(lane)
    }

    /// Forgets a lane's past: every frame before the next step is zero.
    package func resetLane(_ lane: Int) {
        let state = rings(of: lane)
        for (ring, block) in zip(layout.rings, network.blocks) {
            (state + ring.offset).initialize(repeating: block.inputZeroPoint, count: ring.slots * layout.channels)
        }
        lanes[lane].position = 0
    }

    func rings(of lane: Int) -> UnsafeMutablePointer<Int8> {
        precondition(lanes.indices.contains(lane), "there is no lane \(lane)")
        guard let rings = lanes[lane].rings else { preconditionFailure("lane \(lane) was removed") }
        return rings
    }

    func setPosition(_ position: Int, of lane: Int) { lanes[lane].position = position }

    /// One step of every lane in `due`. The buffers may be longer than the rows need: a caller keeps them at its
    /// largest batch.
    /// - Parameters:
    ///   - due: (rows) lanes, each at most once.
    ///   - patches: (rows, in·p) normalised; what lies outside the input's range saturates, NaN counts as 0.
    ///   - embeddings: (rows, E) dequantised.
    @_lifetime(embeddings: copy embeddings)
    package func step(lanes due: Span<Int>, patches: Span<Float>, embeddings: inout MutableSpan<Float>) {
        check(room: embeddings.count, for: due.count)
        embeddings.withUnsafeMutableBufferPointer { values in
            if let base = values.baseAddress { step(due, patches, into: .values(base)) }
        }
    }

    /// As above, and what the last block read for it: the frames under its taps, oldest first. With these a
    /// `TailEncoder` gives the embeddings that another tail would have.
    /// - Parameter tapped: (rows, k, C) int8.
    @_lifetime(embeddings: copy embeddings)
    @_lifetime(tapped: copy tapped)
    package func step(
        lanes due: Span<Int>, patches: Span<Float>, embeddings: inout MutableSpan<Float>,
        tapped: inout MutableSpan<Int8>
    ) {
        check(room: embeddings.count, for: due.count)
        precondition(
            tapped.count >= due.count * architecture.tapBytes,
            "found room for \(tapped.count) tapped values, expected at least \(due.count) x \(architecture.tapBytes)")
        tapped.withUnsafeMutableBufferPointer { tapped in
            embeddings.withUnsafeMutableBufferPointer { values in
                if let base = values.baseAddress {
                    step(due, patches, into: .values(base), tapped: tapped.baseAddress)
                }
            }
        }
    }

    /// As above, with the embeddings as the network makes them: (rows, E) int8.
    @_lifetime(bytes: copy bytes)
    package func step(lanes due: Span<Int>, patches: Span<Float>, bytes: inout MutableSpan<Int8>) {
        check(room: bytes.count, for: due.count)
        bytes.withUnsafeMutableBufferPointer { bytes in
            if let base = bytes.baseAddress { step(due, patches, into: .bytes(base)) }
        }
    }

    private func check(room: Int, for rows: Int) {
        precondition(
            room >= rows * architecture.embedding,
            "found room for \(room) values, expected at least \(rows) x \(architecture.embedding)")
    }

    private func step(
        _ due: Span<Int>, _ patches: Span<Float>, into target: ForwardPass.Target,
        tapped: UnsafeMutablePointer<Int8>? = nil
    ) {
        let rows = due.count
        precondition(
            patches.count >= rows * architecture.patchValues,
            "found \(patches.count) patch values, expected at least \(rows) x \(architecture.patchValues)")
        guard rows > 0 else { return }
        calls += 1
        let (call, workers) = (calls, min(threads, max(1, rows / minimumShare)))
        lanes.withUnsafeMutableBufferPointer { lanes in
            due.withUnsafeBufferPointer { due in
                Self.mark(due, in: lanes, call: call)
                patches.withUnsafeBufferPointer { patches in
                    let job = StepJob(
                        lanes: lanes.baseAddress!, due: due.baseAddress!, patches: patches.baseAddress!,
                        target: target, tapped: tapped, rows: rows,
                        rowsPerChunk: Self.rowsPerChunk(rows: rows, workers: workers))
                    run(job, workers: workers)
                }
            }
        }
    }

    private func run(_ job: StepJob, workers: Int) {
        work.job = job
        if workers > 1, let pool {
            pool.run(chunks: job.chunks, helpers: workers - 1)
        } else {
            for chunk in 0..<job.chunks { work.run(worker: 0, chunk: chunk) }
        }
        work.job = nil
    }

    /// There and back, with nothing to do.
    func wakeOneHelper() { pool?.run(chunks: 1, helpers: 1, ownerWorks: false) }

    /// An even share in whole tiles of the kernels, or several chunks of what a pass holds.
    private static func rowsPerChunk(rows: Int, workers: Int) -> Int {
        let share = (rows + workers - 1) / workers
        return min(chunkLimit, (share + 7) / 8 * 8)
    }

    /// Every lane in `due` is there, and there once.
    private static func mark(
        _ due: UnsafeBufferPointer<Int>, in lanes: UnsafeMutableBufferPointer<LaneState>, call: UInt64
    ) {
        for lane in due {
            precondition(lanes.indices.contains(lane), "there is no lane \(lane)")
            precondition(lanes[lane].rings != nil, "lane \(lane) was removed")
            precondition(lanes[lane].lastCall != call, "lane \(lane) is twice in one batch")
            lanes[lane].lastCall = call
        }
    }
}
