import SedgeCore
import Testing

@testable import Adaptation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The same stream with another gain, offset or rate from some moment on; and what must not be learned on the way.
@Suite struct RegimeChangeTests {
    enum Change: CaseIterable, Sendable {
        case gain, offset, rate, noise

        func value(_ sample: Int, _ noise: Double) -> Double {
            switch self {
            case .gain: 2.5 * tone(sample, noise)
            case .offset: tone(sample, noise) + 2.5
            case .rate: sin(2 * .pi * Double(sample) / 9) + 0.3 * noise
            case .noise: sin(2 * .pi * Double(sample) / 21) + 1.2 * noise
            }
        }
    }

    @Test(arguments: Change.allCases)
    func aChangeIsAnAlarmAndADriftAndNotLearned(_ change: Change) {
        var stream = SyntheticStream(seed: 31)
        for _ in 0..<1500 { _ = stream.advance(tone) }
        var (alarmed, drifted, suspicious) = (false, false, 0)
        for _ in 0..<600 {
            let verdict = stream.advance(change.value)
            if case .start? = verdict.alarm { alarmed = true }
            if verdict.drift != nil { drifted = true }
            if verdict.isSuspicious { suspicious += 1 }
        }
        #expect(alarmed && drifted)
        #expect(suspicious > 500, "\(suspicious) of 600 steps")
    }

    /// Whatever comes in between, ordinary steps are ordinary again.
    @Test(arguments: Change.allCases)
    func afterwardsTheStreamIsItselfAgain(_ change: Change) {
        var stream = SyntheticStream(seed: 32)
        for _ in 0..<1500 { _ = stream.advance(tone) }
        for _ in 0..<400 { _ = stream.advance(change.value) }
        var open = 0
        for step in 0..<800 {
            let verdict = stream.advance(tone)
            if step >= 400, verdict.isAlarming || verdict.isSuspicious { open += 1 }
        }
        #expect(open < 100, "\(open) of 400 steps")
    }

    /// A stream that only repeats itself is seldom thought not to be itself, and what was is counted afterwards.
    @Test func suspicionIsRareOnAStreamThatRepeatsItself() {
        var stream = SyntheticStream(seed: 33)
        var suspicious = 0
        for step in 0..<6000 {
            let verdict = stream.advance(tone)
            if step >= 1000, verdict.isSuspicious { suspicious += 1 }
        }
        #expect(suspicious < 1000, "\(suspicious) of 5000 steps")
    }

    /// A fault so small at first that no step of it is an alarm must not be followed until it is large.
    @Test func aVerySlowRampIsReportedInTheEnd() {
        var stream = SyntheticStream(seed: 34)
        for _ in 0..<1500 { _ = stream.advance(tone) }
        var reported = false
        for age in 0..<4000 where !reported {
            if case .start? = stream.advance({ tone($0, $1) + 5 * Double(age) / 4000 }).alarm { reported = true }
        }
        #expect(reported)
    }

    @Test func frozenLearnersJudgeAndLearnNothing() {
        var stream = SyntheticStream(seed: 35)
        for _ in 0..<1000 { _ = stream.advance(tone) }
        stream.learner.isFrozen = true
        let (before, states) = (stream.learner.learned, stream.learner.figures.states)
        var alarmed = false
        for _ in 0..<300 {
            if case .start? = stream.advance({ tone($0, $1) + 3 }).alarm { alarmed = true }
        }
        #expect(alarmed && stream.learner.learned == before)
        #expect(stream.learner.figures.states == states)
    }
}
