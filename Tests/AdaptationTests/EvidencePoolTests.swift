import SedgeCore
import Testing

@testable import Adaptation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Pools that have seen two thousand ordinary steps: every score an exponential of mean 1.
@Suite struct EvidencePoolTests {
    private let channels = 8
    private var pool: EvidencePool
    private var random = SeededRandom(seed: 71)

    init() {
        pool = EvidencePool(channels: channels, memory: 10_000)
        for _ in 0..<2000 {
            let scores = ordinary()
            pool.observeEvents(scores)
            var row = [Float](repeating: 0, count: EvidencePool.stateWidth(channels: channels))
            EvidencePool.storeStates(scores, channels: channels, into: &row, offset: 0)
            pool.observeStates(row, offset: 0)
        }
    }

    private mutating func ordinary() -> [Float] {
        (0..<(channels * ChannelScorers.scoreCount + 2)).map { _ in Float(-log(1 - random.uniform())) }
    }

    /// Scores of a step on which nothing is unusual, but `value` in those places of every channel.
    private func quiet(_ places: Range<Int>, _ value: Float) -> [Float] {
        var scores = [Float](repeating: 0.5, count: channels * ChannelScorers.scoreCount + 2)
        for channel in 0..<channels {
            for place in places { scores[channel * ChannelScorers.scoreCount + place] = value }
        }
        return scores
    }

    @Test mutating func ofWhatIsBriefAllChannelsCount() {
        let brief = pool.evidence(quiet(ChannelScorers.briefStart..<ChannelScorers.embeddingIndex, 5)).state
        let lasting = pool.evidence(quiet(ChannelScorers.lastingStart..<ChannelScorers.briefStart, 5)).state
        // Sixteen scores of e^−5 and twelve, each worth 0.5 + 0.9 · 2.5.
        #expect((35...55).contains(brief), "\(brief)")
        #expect((25...42).contains(lasting), "\(lasting)")
    }

    @Test mutating func theLargerOfTheTwoIsTheStates() {
        let both = pool.evidence(quiet(ChannelScorers.lastingStart..<ChannelScorers.embeddingIndex, 5)).state
        let brief = pool.evidence(quiet(ChannelScorers.briefStart..<ChannelScorers.embeddingIndex, 5)).state
        #expect(both == brief)
    }

    @Test mutating func ordinaryStepsHaveLittleOfEither() {
        var sum = 0.0
        for _ in 0..<500 { sum += pool.evidence(ordinary()).state }
        #expect(sum / 500 < 8, "\(sum / 500)")
    }

    @Test mutating func theBoldestScorePaysForHowManyThereAre() {
        var scores = quiet(0..<0, 0)
        #expect(pool.evidence(scores).boldest == 0)
        scores[ChannelScorers.lastingStart] = 1e6
        let places = Double(channels * ChannelScorers.lastingCount + 1)
        #expect(abs(pool.evidence(scores).boldest - (30 - log(places))) < 1e-9)
        // Events and what is brief have no say in it.
        #expect(pool.evidence(quiet(ChannelScorers.briefStart..<ChannelScorers.embeddingIndex, 1e6)).boldest == 0)
    }
}
