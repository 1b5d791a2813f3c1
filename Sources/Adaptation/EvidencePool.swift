import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The one place where scores are combined: each becomes a p-value by its own history, and a channel's evidence is
/// the sum of their −ln p, small ones at a discount; the stream's is the sum over its three most unusual channels,
/// and what the channels show together.
///
/// Event scores are calibrated on all history, so that what happens every Monday is no event; state scores on the
/// history without suspicious steps, so that a lasting fault does not become its own norm.
struct EvidencePool: Sendable, Equatable {
    private var calibrators: [QuantileCalibrator]  // (channels, scores), then the two joint ones
    private(set) var channelEvidence: [Double]  // (channels)
    /// Mean p-value of the channels' embeddings at the last step.
    private(set) var embeddingPValue = 1.0
    private let channels: Int

    /// Channels that count.
    private static let top = 3
    /// What one score can contribute at most.
    private static let ceiling = 30.0
    /// Below p = e^−truncation a score counts in full, above it by the share `everyday` alone: with many scores, the
    /// sum of their everyday chance would drown the few that have something to say (truncated product method;
    /// Zaykin et al., 2002). The share keeps the evidence continuous, and so its p-value uniform.
    private static let truncation = 2.5
    private static let everyday = 0.1
    /// The mean of what one score contributes on an ordinary step.
    static let expectation = everyday + (1 - everyday) * exp(-truncation)

    init(channels: Int, memory: Double) {
        self.channels = channels
        let one = QuantileCalibrator(memory: memory, lowestExponent: -6, tailFloor: 0.05, margin: 1, caution: 20)
        calibrators = Array(repeating: one, count: channels * ChannelScorers.scoreCount + 2)
        channelEvidence = Array(repeating: 0, count: channels)
    }

    /// Evidence against an ordinary step; `channelEvidence` has each channel's part afterwards.
    ///
    /// - Parameter scores: (channels, `ChannelScorers.scoreCount`), then the two joint ones.
    mutating func evidence(_ scores: [Float]) -> Double {
        var embeddings = 0.0
        for channel in 0..<channels {
            let embedding = channel * ChannelScorers.scoreCount + ChannelScorers.embeddingIndex
            embeddings += calibrators[embedding].pValue(Double(scores[embedding]))
            var sum = 0.0
            for index in (channel * ChannelScorers.scoreCount)..<((channel + 1) * ChannelScorers.scoreCount) {
                sum += surprise(index, scores[index])
            }
            channelEvidence[channel] = sum
        }
        embeddingPValue = embeddings / Double(channels)
        var first = 0.0
        var second = 0.0
        var third = 0.0
        for value in channelEvidence {
            if value > first {
                (first, second, third) = (value, first, second)
            } else if value > second {
                (second, third) = (value, second)
            } else if value > third {
                third = value
            }
        }
        let joint = channels * ChannelScorers.scoreCount
        return first + second + third + surprise(joint, scores[joint]) + surprise(joint + 1, scores[joint + 1])
    }

    /// What one score contributes.
    private func surprise(_ index: Int, _ score: Float) -> Double {
        let surprise = min(Self.ceiling, -log(calibrators[index].pValue(Double(score))))
        return Self.everyday * surprise + (1 - Self.everyday) * max(0, surprise - Self.truncation)
    }

    /// Adds a step to the histories of the event scores.
    mutating func observeEvents(_ scores: [Float]) {
        for channel in 0..<channels {
            let base = channel * ChannelScorers.scoreCount
            for index in base..<(base + ChannelScorers.eventCount) { calibrators[index].observe(Double(scores[index])) }
        }
        let joint = channels * ChannelScorers.scoreCount
        calibrators[joint].observe(Double(scores[joint]))
    }

    /// Adds a step to the histories of the state scores.
    ///
    /// - Parameter row: (channels, `ChannelScorers.stateCount`), then the joint one, beginning at `offset`.
    mutating func observeStates(_ row: [Float], offset: Int) {
        for channel in 0..<channels {
            let base = channel * ChannelScorers.scoreCount + ChannelScorers.eventCount
            let source = offset + channel * ChannelScorers.stateCount
            for index in 0..<ChannelScorers.stateCount {
                calibrators[base + index].observe(Double(row[source + index]))
            }
        }
        calibrators[channels * ChannelScorers.scoreCount + 1].observe(
            Double(row[offset + channels * ChannelScorers.stateCount]))
    }

    /// The encoder has another tail: the histories of a channel's embedding scores begin anew.
    mutating func forgetEmbeddings(ofChannel channel: Int) {
        for index in Self.embeddingScores(ofChannel: channel) { calibrators[index].reset() }
    }

    /// Adds scores of replay to those histories.
    /// - Parameters:
    ///   - scores: as `ChannelScorers.score` gives them.
    ///   - isSettled: whether the means over recent steps are means of steps that were neighbours.
    mutating func recalibrateEmbeddings(ofChannel channel: Int, _ scores: SIMD8<Float>, isSettled: Bool) {
        let (event, state) = (ChannelScorers.embeddingIndex, ChannelScorers.eventCount + 2)
        let first = channel * ChannelScorers.scoreCount
        calibrators[first + event].observe(Double(scores[event]))
        if isSettled { calibrators[first + state].observe(Double(scores[state])) }
    }

    /// Of the present step, and of the last ten or so.
    private static func embeddingScores(ofChannel channel: Int) -> [Int] {
        let first = channel * ChannelScorers.scoreCount
        return [first + ChannelScorers.embeddingIndex, first + ChannelScorers.eventCount + 2]
    }

    func write(to writer: inout SnapshotWriter) {
        for calibrator in calibrators { calibrator.write(to: &writer) }
        writer.write(channelEvidence)
    }

    mutating func read(from reader: inout SnapshotReader) throws(SnapshotError) {
        for index in calibrators.indices { try calibrators[index].read(from: &reader) }
        let evidence = try reader.readDoubles(count: channels)
        guard evidence.allSatisfy({ $0.isFinite && $0 >= 0 }) else {
            throw .impossible("a channel's evidence is negative")
        }
        channelEvidence = evidence
    }
}
