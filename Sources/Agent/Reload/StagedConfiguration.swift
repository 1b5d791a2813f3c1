import Inference
import Ingest
import SedgeCore

/// A configuration that was checked, with everything that had to be built for it. The pipeline's thread adopts it
/// between two batches, which can not fail any more.
struct StagedConfiguration {
    let configuration: Configuration
    /// `config` in payloads.
    let name: String
    let patterns: [StreamPattern]
    let bundles: BundleSet
    let engine: Engine
    /// Encoders of bundles that are not in use yet, or not with these kernels and threads; by fingerprint.
    let built: [String: LaneEncoder]

    /// To the topics of all samples, with their QoS.
    var subscriptions: [String: Int] {
        Dictionary(
            patterns.map { ($0.filter, configuration.mqtt.sampleQoS) }, uniquingKeysWith: { first, _ in first })
    }

    /// The topic that a stream has now: another one where its `id` moved to a topic without wildcards.
    func topic(of stream: StreamRuntime) -> String {
        let moved = patterns.first { $0.id == stream.id && $0.filter == $0.text && !$0.text.hasWildcard }
        return moved?.text ?? stream.topic
    }

    /// The models to use: those of `current` where the encoder stays, new ones elsewhere.
    func models(reusing current: [PipelineModel]) -> PipelineModels {
        var made: [String: PipelineModel] = [:]
        func model(_ bundle: EncoderBundle) -> PipelineModel {
            let name = bundle.fingerprint
            if let known = made[name] { return known }
            let encoder = built[name]
            guard
                let model = encoder.map({ PipelineModel(bundle: bundle, encoder: $0) })
                    ?? current.first(where: { $0.name == name })
            else { preconditionFailure("no encoder was built for \(name)") }
            made[name] = model
            return model
        }
        return PipelineModels(standard: model(bundles.standard), byName: bundles.all.mapValues(model))
    }
}

extension String {
    fileprivate var hasWildcard: Bool { utf8.contains { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "#") } }
}
