package import Inference
package import SedgeCore

/// A stream's scores on an adapted tail, beside those on the frozen encoder that never stop.
///
/// It begins on probation: it learns and scores what the stream does, and nobody hears of it. When its alarms and p-values
/// are no worse than the frozen scorer's over `probationSteps`, and no alarm is open, its verdicts become the stream's;
/// from then on it is watched in the same way, and what is worse goes. So a swap raises no alarm by itself, and the way
/// back needs nothing that was not kept up to date. States stay those of the frozen encoder, so that their names survive;
/// so does what people said of a step.
package struct AdaptedScorer: Sendable {
    package let tail: QuantizedTail
    package private(set) var learner: StreamLearner
    /// Whether its verdicts are the stream's.
    package private(set) var isActive: Bool
    private var watch = AdaptationWatch()
    /// Probations that came to nothing.
    private var served = 0
    private var figures: AdaptationFigures
    private let settings: Tier2Settings

    /// - Parameters:
    ///   - learner: already knows the tail's embeddings; see `StreamLearner.relearning`.
    ///   - figures: of the round that made the tail.
    ///   - isActive: whether it has served its probation in an earlier run.
    package init(
        tail: QuantizedTail, learner: StreamLearner, figures: AdaptationFigures, settings: Tier2Settings,
        isActive: Bool = false
    ) {
        self.tail = tail
        self.learner = learner
        self.figures = figures
        self.settings = settings
        self.isActive = isActive
    }

    /// Judges one step as `StreamLearner.observe` does, with the tail's embeddings.
    /// - Parameters:
    ///   - frozen: what the frozen scorer says of the step.
    ///   - mayTakeOver: false while whoever speaks for the stream has an alarm open.
    /// - Returns: the verdict that counts, and a decision where one was made. After `refused` or `reverted` the scorer is
    ///   to be dropped; the verdict is the frozen one then.
    package mutating func observe(
        time: Timestamp, embeddings: Span<Float>, patches: Span<Float>, levels: Span<Float>, learns: Bool,
        frozen: LearnerVerdict, mayTakeOver: Bool = true
    ) -> (verdict: LearnerVerdict, decision: AdaptationDecision?) {
        let own = learner.observe(
            time: time, embeddings: embeddings, patches: patches, levels: levels, learns: learns, following: frozen)
        if learns { watch.add(adapted: own, frozen: frozen) }
        if let reason = isActive ? watch.objection : nil { return (frozen, decide(.reverted, reason)) }
        guard watch.steps >= (isActive ? settings.watchSteps : settings.probationSteps) else {
            return (isActive ? Self.merge(own, frozen) : frozen, nil)
        }
        if let reason = watch.verdict {
            served += 1
            // What was carried over settles as histories fill; more alarms do not.
            if !isActive, reason == .pValues, served < settings.probations {
                watch = AdaptationWatch()
                return (frozen, nil)
            }
            return (frozen, decide(isActive ? .reverted : .refused, reason))
        }
        guard !isActive else {
            watch = AdaptationWatch()
            return (Self.merge(own, frozen), nil)
        }
        // An event that subscribers know of is not taken over by another scorer.
        guard mayTakeOver, own.isCalibrated, frozen.isCalibrated, !own.isAlarming, !frozen.isAlarming else {
            return (frozen, nil)
        }
        isActive = true
        let decision = decide(.accepted, .better)
        watch = AdaptationWatch()
        return (Self.merge(own, frozen), decision)
    }

    /// Goes on under another configuration of the same stream.
    package mutating func follow(_ configuration: LearnerConfiguration) {
        guard configuration != learner.configuration,
            var moved = try? StreamLearner(configuration, restoring: learner.snapshot())
        else { return }
        moved.teach(learner.lessons)
        learner = moved
    }

    /// What people say is no part of a snapshot, and comes anew each time.
    package mutating func teach(_ lessons: Lessons) { learner.teach(lessons) }

    package mutating func acceptPresentBehaviour() { learner.acceptPresentBehaviour() }

    package mutating func refusePresentBehaviour() { learner.refusePresentBehaviour() }

    private mutating func decide(
        _ outcome: AdaptationDecision.Outcome, _ reason: AdaptationDecision.Reason
    ) -> AdaptationDecision {
        watch.write(into: &figures)
        return AdaptationDecision(outcome, reason, figures)
    }

    /// Scores and alarms of the adapted tail, states and drift of the frozen encoder.
    private static func merge(_ own: LearnerVerdict, _ frozen: LearnerVerdict) -> LearnerVerdict {
        var verdict = frozen
        (verdict.isCalibrated, verdict.score, verdict.pValue) = (own.isCalibrated, own.score, own.pValue)
        verdict.eventScore = own.eventScore
        (verdict.alarm, verdict.openAlarm) = (own.alarm, own.openAlarm)
        return verdict
    }
}
