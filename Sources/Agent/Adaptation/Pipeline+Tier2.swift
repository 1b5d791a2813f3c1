import Adaptation
import Inference
import Logging
import Preprocessing
import SedgeCore
import Store

extension Pipeline {
    /// Tier 2's way of a step: recorded, and judged on the adapted tail. Returns the verdict that counts; what was decided
    /// is told at once, and saved with it.
    func adapt(
        _ entry: StepBatch.Entry, _ batch: StepBatch, _ tier2: Tier2, learns: Bool, frozen: LearnerVerdict
    ) -> LearnerVerdict {
        let (stream, time) = (entry.stream, entry.header.time)
        let (tapped, patches, levels) = (batch.tapped, batch.patches, batch.levels)
        let (adapted, candidates) = (batch.adapted, batch.candidates)
        let embeddings = batch.embeddings(of: entry)
        let found = tier2.observe(
            stream, time: time,
            adapted: adapted.count >= embeddings.upperBound ? adapted.span.extracting(embeddings) : Span(),
            trial: candidates.count >= embeddings.upperBound ? candidates.span.extracting(embeddings) : Span(),
            tapped: tapped.span.extracting(batch.tapped(of: entry)),
            patches: patches.span.extracting(batch.patches(of: entry)),
            levels: levels.span.extracting(batch.levels(of: entry)), learns: learns, frozen: frozen)
        for decision in found.decisions {
            log.info(
                "adaptation \(decision.outcome.rawValue)",
                metadata: ["stream": "\(stream.id)", "reason": "\(decision.reason.rawValue)"])
            let insight = stream.policy.adaptation(decision, at: time).map { complete($0, of: stream) }
            outlet.submit(insight.map { [$0] } ?? [], adaptedCheckpoint(of: stream))
        }
        return found.verdict
    }

    /// Empty where an adaptation that was saved once is no more.
    func adaptedCheckpoint(of stream: StreamRuntime) -> Checkpoint? {
        guard let tier2 = stream.model.tier2 else { return nil }
        return Checkpoint(stream: stream.id, part: "adapted", data: tier2.snapshot(of: stream.id) ?? [])
    }

    /// Gives tier 2 the time in which so many steps were made.
    func adaptInIdleTime(steps: Int) {
        for model in models.all {
            model.tier2?.tick(steps: steps) { id in streams.first { $0.id == id && $0.model === model } }
        }
    }

    /// Follows a configuration that has come: tier 2 comes, goes, or moves with its model to another encoder.
    func renewTier2(former: [PipelineModel]) {
        let settings = configuration.adaptation
        tier2Source?.follow(settings)
        for model in models.all {
            if model.tier2 == nil, let old = former.first(where: { $0 !== model && $0.name == model.name }) {
                model.tier2 = old.tier2.take()
                model.tier2?.forgetLanes()
            }
            guard settings.tier2, settings.enabled, let bundle = model.bundle.retrainable else {
                model.tier2 = nil
                continue
            }
            if model.tier2 == nil { model.tier2 = tier2Source?.make(for: model, bundle, settings) }
            model.tier2?.scope = settings.scope
        }
        // Those that go on have been taken over.
        for old in former where !models.all.contains(where: { $0 === old }) { old.tier2?.abandonRound() }
    }

    /// Writes segments that wait.
    func flushReplay() { for model in models.all { model.tier2?.shelf.flush() } }

    /// No training after this.
    func stopTier2() {
        tier2Source?.stop()
        flushReplay()
    }
}
