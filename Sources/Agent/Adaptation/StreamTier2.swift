import Adaptation
import SedgeCore

/// Tier 2's part of one stream: what is recorded of it, and its adapted scorers where it has some.
struct StreamTier2 {
    var recorder: ReplayRecorder
    /// Speaks for the stream; nil: the frozen scorer does.
    private(set) var active: AdaptedScorer?
    /// Serves its probation while another one speaks, so that what was accepted stays until there is better.
    private(set) var candidate: AdaptedScorer?
    /// Steps until the next round.
    var wait = 0
    /// What `wait` is multiplied by after rounds that came to nothing.
    var patience = 1
    /// Segments that came since the last round.
    var fresh: Int

    init(recorder: ReplayRecorder) {
        self.recorder = recorder
        fresh = recorder.coverage.count
    }

    /// What was kept is lost: it fills again.
    mutating func forgetReplay() {
        recorder.forget()
        fresh = 0
    }

    /// Takes one that a round has made, or that was saved.
    mutating func add(_ scorer: AdaptedScorer) {
        if scorer.isActive { active = scorer } else { candidate = scorer }
    }

    /// Judges a step on all the scorers there are.
    /// - Parameters:
    ///   - adapted: (channels, E) on the active scorer's tail.
    ///   - trial: the same on the candidate's.
    /// - Returns: the verdict that counts, and what was decided; a scorer that was refused or reverted is gone then.
    mutating func judge(
        time: Timestamp, adapted: Span<Float>, trial: Span<Float>, patches: Span<Float>, levels: Span<Float>,
        learns: Bool, frozen: LearnerVerdict
    ) -> (verdict: LearnerVerdict, decisions: [AdaptationDecision]) {
        var verdict = frozen
        var decisions: [AdaptationDecision] = []
        if let found = active?.observe(
            time: time, embeddings: adapted, patches: patches, levels: levels, learns: learns, frozen: frozen)
        {
            verdict = found.verdict
            if let decision = found.decision {
                decisions.append(decision)
                active = nil
            }
        }
        if let found = candidate?.observe(
            time: time, embeddings: trial, patches: patches, levels: levels, learns: learns, frozen: frozen,
            mayTakeOver: !verdict.isAlarming), let decision = found.decision
        {
            decisions.append(decision)
            if decision.outcome == .accepted { (active, verdict) = (candidate, found.verdict) }
            candidate = nil
        }
        return (verdict, decisions)
    }

    /// Goes on under another configuration of the same stream.
    mutating func follow(_ configuration: LearnerConfiguration) {
        active?.follow(configuration)
        candidate?.follow(configuration)
    }

    // MARK: What people say

    mutating func teach(_ lessons: Lessons) {
        active?.teach(lessons)
        candidate?.teach(lessons)
    }

    mutating func acceptPresentBehaviour() {
        active?.acceptPresentBehaviour()
        candidate?.acceptPresentBehaviour()
    }

    mutating func refusePresentBehaviour() {
        active?.refusePresentBehaviour()
        candidate?.refusePresentBehaviour()
    }
}
