import Adaptation
import Inference
import Ingest
import Preprocessing
import SedgeCore

/// Makes a stream's parts from the configuration, and from its checkpoints where it has any.
struct StreamFactory {
    var configuration: Configuration
    /// What streams that left in this run had learned.
    var archive = StreamArchive()
    /// What the checkpoints held at start: taken out as streams are made.
    private var checkpoints: [StreamID: [String: [UInt8]]]
    private var random: SeededRandom

    init(configuration: Configuration, checkpoints: [StreamID: [String: [UInt8]]], seed: UInt64) {
        self.configuration = configuration
        self.checkpoints = checkpoints
        random = SeededRandom(seed: seed)
    }

    /// A stream, and a sentence for each part of it that could not be restored and starts afresh.
    mutating func make(
        _ id: StreamID, topic: String, pattern: Int, model: PipelineModel, now: Timestamp
    ) -> (runtime: StreamRuntime, complaints: [String]) {
        let stream = configuration.streams[pattern]
        let (bundle, encoder) = (model.bundle, model.encoder)
        let older = checkpoints.removeValue(forKey: id)
        var saved = archive.take(id, model: model.name, shape: stream.shape) ?? older ?? [:]
        var complaints: [String] = []
        /// A part from its checkpoint; a bad one is dropped, and the part starts afresh.
        func restore<Part>(_ part: String, _ make: ([UInt8]) throws -> Part) -> Part? {
            guard let bytes = saved.removeValue(forKey: part) else { return nil }
            do {
                return try make(bytes)
            } catch {
                complaints.append("\(part) starts afresh: \(error)")
                return nil
            }
        }

        let settings = Self.settings(for: stream, bundle)
        let snapshot = restore("stream", StreamSnapshot.init)
        if let reason = snapshot.flatMap({ mismatch($0, stream, bundle) }) {
            complaints.append("what was learned starts afresh: \(reason)")
            saved = [:]
        }
        let runtime = StreamRuntime(
            id: id, topic: topic, configuration: stream, model: model, codec: Self.codec(for: stream),
            preprocessor: restore("preprocessor") { try StreamPreprocessor(settings, restoring: $0) }
                ?? StreamPreprocessor(settings),
            lanes: model.addLanes(channels: stream.channels.count),
            policy: InsightPolicy(
                node: configuration.node, stream: id, configuration: stream, seed: random.next(),
                openEvent: snapshot?.openEvent, openLabel: snapshot?.openLabel),
            throttle: StatusThrottle(intervalMS: configuration.mqtt.stateIntervalMS), firstSeen: now)
        if let snapshot {
            let learning = learnerConfiguration(for: runtime, stepSeconds: snapshot.stepSeconds)
            runtime.learner = restore("learner") { try StreamLearner(learning, restoring: $0) }
            runtime.forecaster = makeForecaster(for: runtime, stepSeconds: snapshot.stepSeconds)
            _ = restore("forecast") { try runtime.forecaster?.restore($0) }
            runtime.recent = runtime.learner.map { learner in
                restore("recent") { try RecentSteps(dimension: learner.featureDimension, restoring: $0) }
                    ?? RecentSteps(dimension: learner.featureDimension)
            }
        }
        runtime.savedAdaptation = saved.removeValue(forKey: "adapted")
        restore("lanes") { try LaneSnapshot.restore(runtime.lanes, of: encoder, from: $0) } ?? ()
        return (runtime, complaints)
    }

    /// Why a checkpoint does not fit this configuration; nil when it does.
    private func mismatch(
        _ snapshot: StreamSnapshot, _ stream: StreamConfiguration, _ bundle: EncoderBundle
    ) -> String? {
        if snapshot.model != bundle.fingerprint { return "it knows \(snapshot.model), this is \(bundle.fingerprint)" }
        return snapshot.shape == stream.shape ? nil : "it knows \(snapshot.shape), this is \(stream.shape)"
    }

    /// A learner for a stream that has none yet.
    func makeLearner(for runtime: StreamRuntime, stepSeconds: Double) -> StreamLearner {
        StreamLearner(learnerConfiguration(for: runtime, stepSeconds: stepSeconds))
    }

    /// A forecaster for a stream that is to have one.
    func makeForecaster(for runtime: StreamRuntime, stepSeconds: Double) -> Forecaster? {
        guard runtime.configuration.insights.contains(.forecast) else { return nil }
        let shape = runtime.model.shape
        return Forecaster(
            channels: runtime.channels.count, embeddingSize: shape.embedding,
            patch: shape.seen(hop: runtime.configuration.hop), stepSeconds: stepSeconds)
    }

    func learnerConfiguration(for runtime: StreamRuntime, stepSeconds: Double) -> LearnerConfiguration {
        let (shape, hop) = (runtime.model.shape, runtime.configuration.hop)
        return LearnerConfiguration(
            channels: runtime.channels.count, embeddingSize: shape.embedding, patch: shape.seen(hop: hop), hop: hop,
            stepSeconds: stepSeconds,
            alarmsPerWeek: configuration.adaptation.alarmsPerWeek, seed: 0)
    }

    static func settings(for stream: StreamConfiguration, _ bundle: EncoderBundle) -> PreprocessorSettings {
        let clip = Float(bundle.preprocessing.clip)
        let normalization: Normalization =
            switch bundle.preprocessing.normalisation {
            case .robust: .robust(clip: clip)
            case .fixed(let channels):
                .fixed(
                    levels: stream.channelNames.indices.map { channels[channels.count == 1 ? 0 : $0].center },
                    scales: stream.channelNames.indices.map { channels[channels.count == 1 ? 0 : $0].scale },
                    clip: clip)
            }
        return PreprocessorSettings(
            channels: stream.channels.count, rateHz: stream.rateHz, hop: stream.hop,
            patch: bundle.interface.patch, reorderWindow: stream.reorderWindowMS.map { Double($0) / 1000 },
            normalization: normalization)
    }

    /// The configuration's check has made one before, so it can be made again.
    static func codec(for stream: StreamConfiguration) -> any PayloadCodec {
        do {
            return try makeCodec(CodecSettings(stream))
        } catch {
            preconditionFailure("unchecked codec settings: \(error)")
        }
    }
}
