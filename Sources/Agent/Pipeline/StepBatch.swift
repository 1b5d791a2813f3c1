import Inference
import Preprocessing
import SedgeCore

/// The steps that are due now, of all streams, as one input of the encoder; buffers are kept from batch to batch.
struct StepBatch {
    /// One stream's step in the batch.
    struct Entry {
        var stream: StreamRuntime
        var firstLane: Int
        var laneCount: Int
        var header: StepHeader
    }

    /// Lanes a batch, about: bounds memory, and is enough for the kernels.
    static let laneLimit = 256

    let patchSize: Int
    let embeddingSize: Int
    let tapBytes: Int
    private(set) var entries: [Entry] = []
    private(set) var lanes: [Int] = []
    /// (lanes, patch), normalised, oldest first.
    private(set) var patches: [Float] = []
    /// (lanes): distance from the slow level of what was measured.
    private(set) var levels: [Float] = []
    /// (lanes, embedding)
    private(set) var embeddings: [Float] = []
    /// The same on the lanes' own tails, where they have one, and on those that are on probation.
    private(set) var adapted: [Float] = []  // (lanes, embedding)
    private(set) var candidates: [Float] = []  // (lanes, embedding)
    /// What the last block read.
    private(set) var tapped: [Int8] = []  // (lanes, k, C)

    init(patchSize: Int, embeddingSize: Int, tapBytes: Int) {
        self.patchSize = patchSize
        self.embeddingSize = embeddingSize
        self.tapBytes = tapBytes
    }

    var isFull: Bool { lanes.count >= Self.laneLimit }

    mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
        lanes.removeAll(keepingCapacity: true)
    }

    /// Takes a step of this stream if one is due.
    mutating func take(from runtime: StreamRuntime) -> Bool {
        let first = lanes.count
        let count = runtime.lanes.count
        grow(to: first + count)
        levels.withUnsafeMutableBufferPointer { levels in
            var levels = UnsafeMutableBufferPointer(rebasing: levels[first..<(first + count)]).mutableSpan
            runtime.preprocessor.readLevels(into: &levels)
        }
        let header = patches.withUnsafeMutableBufferPointer { buffer in
            var target = UnsafeMutableBufferPointer(
                rebasing: buffer[first * patchSize..<(first + count) * patchSize]
            ).mutableSpan
            return runtime.preprocessor.popStep(patches: &target)
        }
        guard let header else { return false }
        entries.append(Entry(stream: runtime, firstLane: first, laneCount: count, header: header))
        lanes.append(contentsOf: runtime.lanes)
        return true
    }

    private mutating func run(_ encoder: StreamingEncoder) {
        let lanes = lanes
        let patches = patches
        let (size, inputs) = (lanes.count * embeddingSize, lanes.count * patchSize)
        embeddings.withUnsafeMutableBufferPointer { buffer in
            var target = UnsafeMutableBufferPointer(rebasing: buffer[..<size]).mutableSpan
            encoder.step(
                lanes: lanes.span, patches: patches.span.extracting(0..<inputs), embeddings: &target)
        }
    }

    /// - Parameter tier2: also fills `tapped`, `adapted` and `candidates` where a lane has such a tail.
    mutating func run(_ encoder: StreamingEncoder, _ tier2: Tier2?) {
        guard let tier2 else { return run(encoder) }
        let (lanes, patches, count) = (lanes, patches, lanes.count)
        let (size, inputs, frames) = (count * embeddingSize, count * patchSize, count * tapBytes)
        while tapped.count < frames { tapped.append(0) }
        // Two buffers of one value can not be written at once where they stand: one is taken out for the while.
        var taken: [Int8] = []
        swap(&taken, &tapped)
        embeddings.withUnsafeMutableBufferPointer { buffer in
            var values = UnsafeMutableBufferPointer(rebasing: buffer[..<size]).mutableSpan
            var frames = taken.mutableSpan
            encoder.step(
                lanes: lanes.span, patches: patches.span.extracting(0..<inputs), embeddings: &values, tapped: &frames)
        }
        swap(&taken, &tapped)
        if tier2.hasTails {
            while adapted.count < embeddings.count { adapted.append(0) }
            tier2.adapt(lanes: lanes, tapped: tapped, embeddings: &adapted)
        }
        if tier2.hasCandidates {
            while candidates.count < embeddings.count { candidates.append(0) }
            tier2.tryOut(lanes: lanes, tapped: tapped, embeddings: &candidates)
        }
    }

    func tapped(of entry: Entry) -> Range<Int> { range(entry, tapBytes) }
    func patches(of entry: Entry) -> Range<Int> { range(entry, patchSize) }
    func levels(of entry: Entry) -> Range<Int> { range(entry, 1) }
    func embeddings(of entry: Entry) -> Range<Int> { range(entry, embeddingSize) }

    private func range(_ entry: Entry, _ size: Int) -> Range<Int> {
        entry.firstLane * size..<(entry.firstLane + entry.laneCount) * size
    }

    private mutating func grow(to lanes: Int) {
        while patches.count < lanes * patchSize { patches.append(0) }
        while levels.count < lanes { levels.append(0) }
        while embeddings.count < lanes * embeddingSize { embeddings.append(0) }
    }
}
