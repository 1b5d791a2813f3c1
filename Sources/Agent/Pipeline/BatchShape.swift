import Inference

/// What a batch of an encoder's steps looks like, and what of it the learners see.
struct BatchShape: Equatable {
    /// p: samples of a channel that one step reads.
    let patch: Int
    /// E
    let embedding: Int
    /// What tier 2 records of a lane; 0 where it can not retrain.
    let tapBytes: Int
    /// One lane, and one embedding, for all channels of a stream.
    let isJoint: Bool
    /// A step reads a whole window, most of which the step before has read.
    let isWindow: Bool
    /// Lanes a batch, about: bounds memory, and is enough for the kernels.
    let laneLimit: Int

    /// Samples that learners look at, at least, where a step reads so many.
    private static let leastSeen = 8
    /// Values of a batch's patches, about: 1 MiB.
    private static let valueLimit = 1 << 18

    init(_ bundle: EncoderBundle) {
        let interface = bundle.interface
        patch = interface.patch
        embedding = interface.embedding
        tapBytes = bundle.retrainable?.architecture.tapBytes ?? 0
        switch bundle {
        case .tcn(let bundle):
            isJoint = bundle.architecture.mode == .joint
            isWindow = false
        case .graph(let bundle):
            isJoint = bundle.graph.inputChannels > 1
            isWindow = bundle.graph.context == .window
        }
        laneLimit = max(1, min(256, Self.valueLimit / interface.patchValues))
    }

    /// Of a channel's patch, the newest samples that learners look at: all, but of a window those that are new, since
    /// its mean says little of now.
    func seen(hop: Int) -> Int { isWindow ? min(patch, max(hop, Self.leastSeen)) : patch }

    /// Appends what learners see of these channels.
    /// - Parameter patches: (channels, patch), oldest first.
    func appendSeen(of patches: [Float], _ channels: Range<Int>, hop: Int, to seen: inout [Float]) {
        let size = self.seen(hop: hop)
        for channel in channels {
            let end = (channel + 1) * patch
            for index in end - size..<end { seen.append(patches[index]) }
        }
    }
}
