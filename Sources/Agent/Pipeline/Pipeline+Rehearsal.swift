import Adaptation
import Inference
import SedgeCore

/// A stream whose encoder is another one now, and what it was shown last.
struct Rehearsal {
    let stream: StreamRuntime
    let history: StepHistory
    let stepSeconds: Double
}

extension Pipeline {
    /// Steps that a learner judges: as many as calibrate it, so that none of them can start an alarm.
    private static let judgedSteps = StreamLearner.warmUp + StreamLearner.calibrationSteps

    /// Shows new encoders and learners what the former ones were shown last, as if it happened now: the streams go on
    /// calibrated, and nothing is said aloud. All streams of a model take a step together, since batches are cheaper.
    func rehearse(_ rehearsals: [Rehearsal]) {
        for rehearsal in rehearsals {
            equip(rehearsal.stream, stepSeconds: rehearsal.stepSeconds)
        }
        for model in models.all {
            let own = rehearsals.filter { $0.stream.model === model }
            guard !own.isEmpty else { continue }
            for remaining in stride(from: StepHistory.capacity, to: 0, by: -1) {
                rehearse(own.filter { $0.history.count >= remaining }, in: model, remaining: remaining)
                whileBusy()
            }
        }
    }

    /// One step of each: the last but `remaining` − 1.
    private func rehearse(_ rehearsals: [Rehearsal], in model: PipelineModel, remaining: Int) {
        let shape = model.shape
        var lanes: [Int] = []
        var patches: [Float] = []
        var levels: [Float] = []
        for rehearsal in rehearsals {
            lanes += rehearsal.stream.lanes
            rehearsal.history.appendPatches(of: rehearsal.history.count - remaining, to: &patches)
            rehearsal.history.appendLevels(of: rehearsal.history.count - remaining, to: &levels)
        }
        var embeddings = [Float](repeating: 0, count: lanes.count * shape.embedding)
        var output = embeddings.mutableSpan
        model.encoder.step(lanes: lanes.span, patches: patches.span, embeddings: &output)
        guard remaining <= Self.judgedSteps else { return }
        var (lane, channel) = (0, 0)
        for rehearsal in rehearsals {
            let stream = rehearsal.stream
            let (time, isLearned) = rehearsal.history.step(rehearsal.history.count - remaining)
            let channels = stream.channels.count
            let width = stream.lanes.count * shape.embedding
            let own = Array(embeddings[lane..<lane + width])
            let shown = shape.isJoint ? Array(repeatElement(own, count: channels).joined()) : own
            var seen: [Float] = []
            shape.appendSeen(
                of: patches, channel..<channel + channels, hop: stream.configuration.hop, to: &seen)
            _ = stream.learner?.observe(
                time: time, embeddings: shown.span, patches: seen.span,
                levels: levels.span.extracting(channel..<channel + channels), learns: isLearned,
                isMuted: stream.isMuted(at: time))
            lane += width
            channel += channels
        }
    }
}
