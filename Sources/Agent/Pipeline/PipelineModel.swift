import Adaptation
import Inference
import SedgeCore

/// An encoder at work. Streams that use the same one share its batches. Belongs to the pipeline's thread.
final class PipelineModel {
    let bundle: EncoderBundle
    let encoder: LaneEncoder
    let shape: BatchShape
    /// What the bundle knows of labels.
    let labels: LabelStatistics?
    /// The steps of its streams that are due now.
    var batch: StepBatch
    /// Retrains its last block on the streams; nil: switched off, or it has none that can be retrained.
    var tier2: Tier2?

    init(bundle: EncoderBundle, encoder: LaneEncoder) {
        self.bundle = bundle
        self.encoder = encoder
        shape = BatchShape(bundle)
        labels = bundle.labels.isEmpty ? nil : try? LabelStatistics(restoring: bundle.labels)
        batch = StepBatch(shape)
    }

    /// `model` in payloads and checkpoints.
    var name: String { bundle.fingerprint }

    /// Lanes of a new stream with so many channels: one each, or one for all of them.
    func addLanes(channels: Int) -> [Int] { (0..<(shape.isJoint ? 1 : channels)).map { _ in encoder.addLane() } }
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
