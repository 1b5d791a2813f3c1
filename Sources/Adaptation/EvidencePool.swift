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
/// history without suspicious steps, so that a lasting fault does not become its own norm. So there are two sums. That
/// of the states is the larger of two: of what lasts, and of what is brief, which is summed over all channels, since
/// what is over soon has no time to show clearly in one. Their sum would be ruled by what lasts for as long as it does.
struct EvidencePool: Sendable, Equatable {
    private var calibrators: [QuantileCalibrator]  // (channels, scores), then the two joint ones
    private(set) var channelEvidence: [Double]  // (channels); events and states together
    /// Mean p-value of the channels' embeddings at the last step.
    private(set) var embeddingPValue = 1.0
    private let channels: Int

    /// Channels that count where the most unusual ones do.
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

    /// What an ordinary step has more of brief evidence than of lasting, on average: as many scores as it is summed
    /// over more.
    private let briefSurplus: Double

    init(channels: Int, memory: Double) {
        self.channels = channels
        let lasting = min(channels, Self.top) * ChannelScorers.lastingCount + 1
        briefSurplus = Self.expectation * Double(max(0, channels * ChannelScorers.briefCount - lasting))
        let one = QuantileCalibrator(memory: memory, lowestExponent: -6, tailFloor: 0.05, margin: 1, caution: 20)
        calibrators = Array(repeating: one, count: channels * ChannelScorers.scoreCount + 2)
        channelEvidence = Array(repeating: 0, count: channels)
    }

    /// Evidence against an ordinary step, in nats, 0 upwards.
    struct Evidence: Sendable {
        var event: Double
        /// Of what lasts, and of that and of what is brief the larger.
        var lasting: Double
        var state: Double
        /// −ln of the chance that any of the lasting scores is as unusual as the most unusual one (Bonferroni).
        var boldest: Double
    }

    /// Of one step; `channelEvidence` has each channel's part afterwards.
    ///
    /// - Parameter scores: (channels, `ChannelScorers.scoreCount`), then the two joint ones.
    mutating func evidence(_ scores: [Float]) -> Evidence {
        var embeddings = 0.0
        var brief = 0.0
        var boldest = 0.0
        var events = Greatest()
        var states = Greatest()
        for channel in 0..<channels {
            let base = channel * ChannelScorers.scoreCount
            let embedding = base + ChannelScorers.embeddingIndex
            embeddings += calibrators[embedding].pValue(Double(scores[embedding]))
            var (event, lasting, soon) = (0.0, 0.0, 0.0)
            let (firstState, firstBrief) = (base + ChannelScorers.lastingStart, base + ChannelScorers.briefStart)
            for index in base..<firstState { event += counted(surprise(index, scores[index])) }
            for index in firstState..<firstBrief {
                let surprise = surprise(index, scores[index])
                boldest = max(boldest, surprise)
                lasting += counted(surprise)
            }
            for index in firstBrief..<embedding { soon += counted(surprise(index, scores[index])) }
            channelEvidence[channel] = event + max(lasting, soon)
            events.take(event)
            states.take(lasting)
            brief += soon
        }
        embeddingPValue = embeddings / Double(channels)
        let joint = channels * ChannelScorers.scoreCount
        let together = surprise(joint + 1, scores[joint + 1])
        let lasting = states.sum + counted(together)
        let count = Double(channels * ChannelScorers.lastingCount + 1)
        return Evidence(
            event: events.sum + counted(surprise(joint, scores[joint])), lasting: lasting,
            state: max(lasting, brief - briefSurplus), boldest: max(0, max(boldest, together) - log(count)))
    }

    /// The three largest of some values that are not negative.
    private struct Greatest {
        private var values = SIMD4<Double>.zero

        mutating func take(_ value: Double) {
            if value > values.x {
                values = SIMD4(value, values.x, values.y, 0)
            } else if value > values.y {
                values = SIMD4(values.x, value, values.y, 0)
            } else if value > values.z {
                values.z = value
            }
        }

        var sum: Double { values.x + values.y + values.z }
    }

    /// −ln of a score's p-value.
    private func surprise(_ index: Int, _ score: Float) -> Double {
        min(Self.ceiling, -log(calibrators[index].pValue(Double(score))))
    }

    /// What one score contributes.
    private func counted(_ surprise: Double) -> Double {
        Self.everyday * surprise + (1 - Self.everyday) * max(0, surprise - Self.truncation)
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

    /// Of each channel: its states and the embedding's score of the step.
    private static let rowWidth = ChannelScorers.scoreCount - ChannelScorers.lastingStart

    /// Values of a step that the histories of the state scores learn: those of each channel, then the joint one.
    static func stateWidth(channels: Int) -> Int { channels * rowWidth + 1 }

    /// Copies them into a row that is kept until it is known whether it is to be learned.
    static func storeStates(_ scores: [Float], channels: Int, into row: inout [Float], offset: Int) {
        let width = rowWidth
        for channel in 0..<channels {
            let source = channel * ChannelScorers.scoreCount + ChannelScorers.lastingStart
            for index in 0..<width { row[offset + channel * width + index] = scores[source + index] }
        }
        row[offset + channels * width] = scores[channels * ChannelScorers.scoreCount + 1]
    }

    /// Adds a step to the histories of the state scores.
    ///
    /// - Parameters:
    ///   - row: as `storeStates` wrote it, beginning at `offset`.
    ///   - count: steps that it stands for.
    mutating func observeStates(_ row: [Float], offset: Int, count: Int = 1) {
        let width = Self.rowWidth
        for channel in 0..<channels {
            let base = channel * ChannelScorers.scoreCount + ChannelScorers.lastingStart
            for index in 0..<width {
                calibrators[base + index].observe(Double(row[offset + channel * width + index]), count: count)
            }
        }
        calibrators[channels * ChannelScorers.scoreCount + 1].observe(
            Double(row[offset + channels * width]), count: count)
    }

    /// The encoder has another tail: the histories of a channel's embedding scores begin anew.
    mutating func forgetEmbeddings(ofChannel channel: Int) {
        for index in Self.embeddingScores(ofChannel: channel) { calibrators[index].reset() }
    }

    /// Adds scores of replay to those histories.
    /// - Parameters:
    ///   - scores: as `ChannelScorers.score` gives them.
    ///   - isSettled: whether the means over recent steps are means of steps that were neighbours.
    mutating func recalibrateEmbeddings(ofChannel channel: Int, _ scores: SIMD16<Float>, isSettled: Bool) {
        let (present, lasting) = (ChannelScorers.embeddingIndex, ChannelScorers.lastingEmbeddingIndex)
        let first = channel * ChannelScorers.scoreCount
        calibrators[first + present].observe(Double(scores[present]))
        if isSettled { calibrators[first + lasting].observe(Double(scores[lasting])) }
    }

    /// Of the present step, and of the last fifty or so.
    private static func embeddingScores(ofChannel channel: Int) -> [Int] {
        let first = channel * ChannelScorers.scoreCount
        return [first + ChannelScorers.embeddingIndex, first + ChannelScorers.lastingEmbeddingIndex]
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
