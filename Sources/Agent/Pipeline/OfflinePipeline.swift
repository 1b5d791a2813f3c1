package import Inference
import Ingest
import Logging
package import Preprocessing
package import SedgeCore
import Store
import Synchronization

/// The agent's pipeline without broker, store and clock: payloads in, what the agent would say out. For evaluations,
/// which have to run the very code that runs on the gateway.
///
/// Owned by one thread, as the pipeline is.
package final class OfflinePipeline {
    /// What the agent said while it read one message.
    package struct Reply: Sendable {
        /// One a step; every step where `mqtt.state_interval_ms` is 0.
        package var states: [StreamStatus] = []
        package var insights: [Insight] = []
    }

    private let pipeline: Pipeline
    private let outlet = ReplyOutlet()
    private let buffer = MessageBuffer(byteLimit: 1 << 20, recordLimit: 1)
    private var monotonic: Int64 = 0

    /// - Parameter tier2: slices of training for every message, where `adaptation.tier2` is on: by count and not by the
    ///   clock, so that results repeat.
    /// - Throws: what the agent would refuse to start with.
    package init(
        configuration: Configuration, bundle: EncoderBundle, kernels: KernelSet,
        tier2 slicesPerMessage: Double = 0.25
    ) throws {
        try ConfigurationCheck.check(configuration, against: bundle)
        let patterns = try configuration.streams.map { try StreamPattern($0.topic, id: $0.id) }
        pipeline = Pipeline(
            configuration: configuration, configurationName: configuration.fingerprint,
            models: PipelineModels(
                standard: PipelineModel(bundle: bundle, encoder: LaneEncoder(bundle: bundle, kernels: kernels))),
            factory: StreamFactory(configuration: configuration, checkpoints: [:], seed: 1),
            table: StreamTable(patterns: patterns), outlet: outlet,
            log: Logger(label: "offline") { _ in SwiftLogNoOpLogHandler() })
        pipeline.tier2Source = SteppedTier2Source(slicesPerStep: slicesPerMessage, seed: 1, log: pipeline.log)
        pipeline.renewTier2(former: [])
    }

    /// Reads a message that arrived at `arrival` and runs the steps that became due.
    package func receive(topic: [UInt8], payload: [UInt8], arrival: Timestamp) -> Reply {
        buffer.removeAll()
        let isTaken = topic.withUnsafeBytes { topic in
            payload.withUnsafeBytes { buffer.append(topic: topic, payload: $0, arrival: arrival, isRetained: false) }
        }
        precondition(isTaken, "a message of \(payload.count) bytes, expected less than a mebibyte")
        monotonic += 1_000_000
        pipeline.process(buffer, 0..<1, monotonic: monotonic)
        pipeline.adaptInIdleTime(steps: 1)
        return outlet.take()
    }

    /// From now on nothing is learned; what was learned goes on judging.
    package func freeze() { pipeline.isFrozen = true }

    /// How the agent preprocesses a stream for this bundle.
    package static func preprocessing(of stream: StreamConfiguration, for bundle: ModelBundle) -> PreprocessorSettings {
        StreamFactory.settings(for: stream, .tcn(bundle))
    }
}

/// Collects one reply.
private final class ReplyOutlet: PipelineOutlet {
    private let reply = Mutex(OfflinePipeline.Reply())

    var clockQuality: ClockQuality { .synced }

    func publish(_ status: StreamStatus, of stream: StreamID) -> Bool {
        reply.withLock { $0.states.append(status) }
        return true
    }

    func submit(_ insights: [Insight], _ checkpoint: Checkpoint?) {
        reply.withLock { $0.insights += insights }
    }

    func streamAdded(_ stream: StreamID, topic: String) {}

    func take() -> OfflinePipeline.Reply {
        reply.withLock { reply in
            defer { reply = OfflinePipeline.Reply() }
            return reply
        }
    }
}
