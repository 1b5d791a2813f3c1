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
        var firstChannel: Int
        var channelCount: Int
        /// What learners see of its samples, (channels, samples): a part of `seen`.
        var seen: Range<Int>
        var header: StepHeader
    }

    let shape: BatchShape
    private(set) var entries: [Entry] = []
    private(set) var lanes: [Int] = []
    private var channelCount = 0
    /// (channels, patch), normalised, oldest first.
    private(set) var patches: [Float] = []
    /// (channels): distance from the slow level of what was measured.
    private(set) var levels: [Float] = []
    /// (channels, embedding); channels that were read together have the same.
    private(set) var embeddings: [Float] = []
    /// The newest samples of windows, where learners do not see them whole.
    private var newest: [Float] = []
    /// The same on the lanes' own tails, where they have one, and on those that are on probation.
    private(set) var adapted: [Float] = []  // (lanes, embedding)
    private(set) var candidates: [Float] = []  // (lanes, embedding)
    /// What the last block read.
    private(set) var tapped: [Int8] = []  // (lanes, k, C)

    init(_ shape: BatchShape) { self.shape = shape }

    var isFull: Bool { lanes.count >= shape.laneLimit }

    /// What learners see: `Entry.seen` says where.
    var seen: [Float] { shape.isWindow ? newest : patches }

    mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
        lanes.removeAll(keepingCapacity: true)
        newest.removeAll(keepingCapacity: true)
        channelCount = 0
    }

    /// Takes a step of this stream if one is due.
    mutating func take(from runtime: StreamRuntime) -> Bool {
        let first = channelCount
        let count = runtime.channels.count
        let patchSize = shape.patch
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
        entries.append(
            Entry(
                stream: runtime, firstLane: lanes.count, laneCount: runtime.lanes.count, firstChannel: first,
                channelCount: count, seen: see(first..<first + count, hop: runtime.configuration.hop), header: header))
        lanes.append(contentsOf: runtime.lanes)
        channelCount += count
        return true
    }

    private mutating func see(_ channels: Range<Int>, hop: Int) -> Range<Int> {
        let patch = shape.patch
        guard shape.isWindow else { return channels.lowerBound * patch..<channels.upperBound * patch }
        let start = newest.count
        shape.appendSeen(of: patches, channels, hop: hop, to: &newest)
        return start..<newest.count
    }

    /// - Parameter tier2: also fills `tapped`, `adapted` and `candidates` where a lane has such a tail.
    mutating func run(_ encoder: LaneEncoder, _ tier2: Tier2?) {
        if let tier2, case .tcn(let encoder) = encoder { return run(encoder, tier2) }
        let lanes = lanes
        let patches = patches
        let (size, inputs) = (lanes.count * shape.embedding, channelCount * shape.patch)
        embeddings.withUnsafeMutableBufferPointer { buffer in
            var target = UnsafeMutableBufferPointer(rebasing: buffer[..<size]).mutableSpan
            encoder.step(lanes: lanes.span, patches: patches.span.extracting(0..<inputs), embeddings: &target)
        }
        if shape.isJoint { spread() }
    }

    /// Gives every channel of a stream the embedding of its one lane. From the end, where nothing is overwritten that is
    /// still to be read: no row moves forward.
    private mutating func spread() {
        let size = shape.embedding
        for entry in entries.reversed() {
            for channel in (entry.firstChannel..<entry.firstChannel + entry.channelCount).reversed() {
                for index in 0..<size {
                    embeddings[channel * size + index] = embeddings[entry.firstLane * size + index]
                }
            }
        }
    }

    private mutating func run(_ encoder: StreamingEncoder, _ tier2: Tier2) {
        let (lanes, patches, count) = (lanes, patches, lanes.count)
        let (size, inputs, frames) = (count * shape.embedding, count * shape.patch, count * shape.tapBytes)
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

    /// Of tier 2, which knows no lanes but those of channels.
    func tapped(of entry: Entry) -> Range<Int> {
        entry.firstLane * shape.tapBytes..<(entry.firstLane + entry.laneCount) * shape.tapBytes
    }
    func patches(of entry: Entry) -> Range<Int> { range(entry, shape.patch) }
    func levels(of entry: Entry) -> Range<Int> { range(entry, 1) }
    func embeddings(of entry: Entry) -> Range<Int> { range(entry, shape.embedding) }

    private func range(_ entry: Entry, _ size: Int) -> Range<Int> {
        entry.firstChannel * size..<(entry.firstChannel + entry.channelCount) * size
    }

    private mutating func grow(to channels: Int) {
        while patches.count < channels * shape.patch { patches.append(0) }
        while levels.count < channels { levels.append(0) }
        while embeddings.count < channels * shape.embedding { embeddings.append(0) }
    }
}
