import SedgeCore

/// How unusual the channels are together: their levels and scales, each in its own standard deviations, against the
/// subspace in which they used to lie. It sees what no channel shows alone: a pressure that would be ordinary at
/// another flow.
///
/// One score for the present step (event) and one for the last ten or so (state), as in `ChannelScorers`. A stream of
/// one channel has neither.
struct JointScorer: Sendable, Equatable {
    private let channels: Int
    private var present: StreamingSubspace
    private var recent: StreamingSubspace
    private var presentInput: [Float]  // (2 channels, padded)
    private var recentInput: [Float]  // (2 channels, padded)
    private var lastScores = SIMD2<Float>(1, 1)

    init(channels: Int, memory: Double) {
        self.channels = channels
        present = StreamingSubspace(dimension: 2 * channels, rank: channels, memory: memory)
        recent = StreamingSubspace(dimension: 2 * channels, rank: channels, memory: memory)
        presentInput = Array(repeating: 0, count: VectorMath.padded(2 * channels))
        recentInput = presentInput
    }

    /// The scores of the step that `scorers` scored last: (now, over the last ten).
    mutating func score(_ scorers: [ChannelScorers]) -> SIMD2<Float> {
        guard channels > 1 else { return lastScores }
        for channel in 0..<channels {
            let now = scorers[channel].standardised
            let recently = scorers[channel].recentlyStandardised
            presentInput[2 * channel] = now.x
            presentInput[2 * channel + 1] = now.y
            recentInput[2 * channel] = recently.x
            recentInput[2 * channel + 1] = recently.y
        }
        lastScores.x = presentInput.withUnsafeBufferPointer { present.score($0.baseAddress!) }
        lastScores.y = recentInput.withUnsafeBufferPointer { recent.score($0.baseAddress!) }
        return lastScores
    }

    /// Learns from the step that was scored last.
    mutating func learn() {
        guard channels > 1 else { return }
        presentInput.withUnsafeBufferPointer { present.learn($0.baseAddress!, score: lastScores.x) }
        recentInput.withUnsafeBufferPointer { recent.learn($0.baseAddress!, score: lastScores.y) }
    }

    func write(to writer: inout SnapshotWriter) {
        present.write(to: &writer)
        recent.write(to: &writer)
    }

    mutating func read(from reader: inout SnapshotReader) throws(SnapshotError) {
        try present.read(from: &reader)
        try recent.read(from: &reader)
    }
}
