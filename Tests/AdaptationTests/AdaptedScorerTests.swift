import Inference
import SedgeCore
import Testing

@testable import Adaptation

/// From the frozen encoder's scores to a tail's and back.
struct AdaptedScorerTests {
    private static let tail = ReplayFixture.outcome(ReplayFixture.segments(96)).tail!

    /// A stream with a learner on the frozen encoder, and tools to adapt it.
    struct Stage {
        let source: ReplayFixture.Source
        var learner: StreamLearner
        var recorder: ReplayRecorder
        var segments: [ReplaySegment] = []
        let tails = TailEncoder(ReplayFixture.architecture)

        init(seed: UInt64) {
            source = ReplayFixture.Source(seed: seed)
            learner = StreamLearner(Stage.configuration)
            recorder = ReplayFixture.recorder()
        }

        static var configuration: LearnerConfiguration {
            LearnerConfiguration(
                channels: 1, embeddingSize: ReplayFixture.architecture.embedding, patch: 8, stepSeconds: 1,
                alarmsPerWeek: 1, seed: 0)
        }

        /// A step; on the tail too where there is a scorer.
        mutating func step(
            _ scorer: inout AdaptedScorer?, spoiling: Bool = false
        ) -> (frozen: LearnerVerdict, verdict: LearnerVerdict, decision: AdaptationDecision?) {
            let next = source.next()
            let frozen = learner.observe(
                time: next.time, embeddings: next.embeddings.span, patches: next.patches.span, learns: true)
            recorder.observe(
                time: next.time, tapped: next.tapped.span, patches: next.patches.span, state: frozen.regimeName,
                isOrdinary: frozen.isCalibrated && !frozen.isAlarming)
            segments += recorder.takeReady().map(\.segment)
            guard scorer != nil else { return (frozen, frozen, nil) }
            let found = judge(next, &scorer!, frozen: frozen, spoiling: spoiling)
            return (frozen, found.verdict, found.decision)
        }

        /// The scorer's part of a step, beside whatever the frozen one says of it.
        func judge(
            _ next: ReplayFixture.Source.Step, _ scorer: inout AdaptedScorer, frozen: LearnerVerdict,
            spoiling: Bool = false
        ) -> (verdict: LearnerVerdict, decision: AdaptationDecision?) {
            var embeddings = next.embeddings
            var output = embeddings.mutableSpan
            tails.embed(next.tapped.span, with: PackedTail(scorer.tail, kernels: .scalar), into: &output)
            if spoiling { for index in embeddings.indices { embeddings[index] *= -3 } }
            return scorer.observe(
                time: next.time, embeddings: embeddings.span, patches: next.patches.span,
                levels: next.patches.span.extracting(next.patches.count - 1..<next.patches.count), learns: true,
                frozen: frozen)
        }

        func scorer(_ settings: Tier2Settings = ReplayFixture.settings, isActive: Bool = false) -> AdaptedScorer {
            let packed = PackedTail(AdaptedScorerTests.tail, kernels: .scalar)
            return AdaptedScorer(
                tail: packed.tail, learner: learner.relearning(segments, with: packed, of: ReplayFixture.bundle),
                figures: AdaptationFigures(), settings: settings, isActive: isActive)
        }
    }

    /// The sentence of the design: a swap raises no alarm by itself.
    @Test(arguments: [UInt64](1...3)) func aSwapOnAStationaryStreamRaisesNoAlarm(seed: UInt64) {
        var stage = Stage(seed: seed)
        var scorer: AdaptedScorer?
        for _ in 0..<3000 { _ = stage.step(&scorer) }
        scorer = stage.scorer()
        var (alarms, frozenAlarms, accepted) = (0, 0, -1)
        var uneven = 0
        for step in 0..<4000 {
            let found = stage.step(&scorer)
            if case .start = found.verdict.alarm { alarms += 1 }
            if case .start = found.frozen.alarm { frozenAlarms += 1 }
            if found.verdict.pValue < 0.05 { uneven += 1 }
            if let decision = found.decision {
                #expect(decision.outcome == .accepted, "\(decision), step \(step), seed \(seed)")
                guard decision.outcome == .accepted else { return }
                accepted = step
            }
        }
        #expect(accepted >= ReplayFixture.settings.probationSteps - 1 && accepted < 2500)
        #expect(scorer?.isActive == true)
        #expect(alarms <= frozenAlarms, "\(alarms) alarms, \(frozenAlarms) on the frozen encoder")
        #expect(uneven < 4000 / 8, "\(uneven) p-values below 0.05")
    }

    /// Embeddings that are not the tail's: worse than the frozen ones from the first step on, and never shown.
    @Test func aScorerThatIsWorseServesItsProbationForNothing() {
        var stage = Stage(seed: 4)
        var scorer: AdaptedScorer?
        for _ in 0..<2500 { _ = stage.step(&scorer) }
        var settings = ReplayFixture.settings
        settings.probations = 1
        scorer = stage.scorer(settings)
        for step in 0..<600 {
            let found = stage.step(&scorer, spoiling: true)
            #expect(found.verdict == found.frozen)
            guard let decision = found.decision else { continue }
            #expect(decision.outcome == .refused, "step \(step)")
            return
        }
        Issue.record("no decision")
    }

    /// What degrades after the swap is taken back.
    @Test func aScorerThatDegradesIsReverted() {
        var stage = Stage(seed: 5)
        var scorer: AdaptedScorer?
        for _ in 0..<2500 { _ = stage.step(&scorer) }
        scorer = stage.scorer()
        for _ in 0..<1200 { _ = stage.step(&scorer) }
        #expect(scorer?.isActive == true)
        for _ in 0..<2200 {
            guard let decision = stage.step(&scorer, spoiling: true).decision else { continue }
            #expect(decision.outcome == .reverted)
            #expect([.alarms, .pValues].contains(decision.reason))
            #expect(decision.figures.watched > 0)
            return
        }
        Issue.record("it was not reverted")
    }

    @Test func comesBackFromItsSnapshot() throws {
        var stage = Stage(seed: 6)
        var scorer: AdaptedScorer?
        for _ in 0..<2000 { _ = stage.step(&scorer) }
        scorer = stage.scorer()
        for _ in 0..<700 { _ = stage.step(&scorer) }
        let bytes = scorer!.snapshot(of: ReplayFixture.bundle.fingerprint)
        let restored = try AdaptedScorer(
            Stage.configuration, restoring: bytes, of: ReplayFixture.bundle, settings: ReplayFixture.settings)
        #expect(restored.tail == scorer!.tail)
        #expect(restored.isActive == scorer!.isActive)
        #expect(restored.learner.snapshot() == scorer!.learner.snapshot())
        for index in stride(from: 0, to: bytes.count, by: 997) {
            var damaged = bytes
            damaged[index] ^= 0x10
            #expect(throws: SnapshotError.self) {
                _ = try AdaptedScorer(
                    Stage.configuration, restoring: damaged, of: ReplayFixture.bundle,
                    settings: ReplayFixture.settings)
            }
        }
    }
}
