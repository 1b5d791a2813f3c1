import Adaptation
import Inference
import SedgeCore

/// An encoder at work. Streams that use the same one share its batches. Belongs to the pipeline's thread.
final class PipelineModel {
    let bundle: ModelBundle
    let encoder: StreamingEncoder
    /// What the bundle knows of labels.
    let labels: LabelStatistics?
    /// The steps of its streams that are due now.
    var batch: StepBatch
    /// Retrains its last block on the streams; nil: switched off.
    var tier2: Tier2?

    init(bundle: ModelBundle, encoder: StreamingEncoder) {
        self.bundle = bundle
        self.encoder = encoder
        labels = bundle.labels.isEmpty ? nil : try? LabelStatistics(restoring: bundle.labels)
        batch = StepBatch(
            patchSize: bundle.architecture.patch, embeddingSize: bundle.architecture.embedding,
            tapBytes: bundle.architecture.tapBytes)
    }

    /// `model` in payloads and checkpoints.
    var name: String { bundle.fingerprint }
}

/// The models that a configuration names, by the names it uses.
struct PipelineModels {
    private let byName: [String: PipelineModel]
    /// `inference.bundle`.
    let standard: PipelineModel

    init(standard: PipelineModel, byName: [String: PipelineModel] = [:]) {
        self.standard = standard
        self.byName = byName
    }

    /// Each once.
    var all: [PipelineModel] {
        var all = [standard]
        for model in byName.values where !all.contains(where: { $0 === model }) { all.append(model) }
        return all
    }

    func model(for stream: StreamConfiguration) -> PipelineModel { stream.bundle.flatMap { byName[$0] } ?? standard }
}
