import Adaptation
package import Inference
import Ingest
import Logging
import Preprocessing
package import SedgeCore
import Store

/// The pipeline without broker, store and clock, on slices of messages: whole, as the agent runs it, and one stage after
/// the other, so that each can be timed. For the benchmark.
///
/// Both ways keep streams of their own. Owned by one thread.
package final class PipelineStages {
    package enum Stage: String, CaseIterable, Sendable {
        case decode, preprocess, encode, adapt, policy
    }

    private let buffer = MessageBuffer(byteLimit: 4 << 20, recordLimit: 1 << 14)
    private let pipeline: Pipeline
    private var monotonic: Int64 = 0

    private let encoder: LaneEncoder
    private let streams: [StreamRuntime]
    /// Of each message of the slice: its stream, and what was decoded.
    private var owners: [Int] = []
    private var rows: [SampleRows] = []
    private var batch: StepBatch
    private var verdicts: [LearnerVerdict] = []

    /// - Parameters:
    ///   - configuration: its first `[[stream]]` is that of all topics, with a rate and a time in each message.
    ///   - topics: a stream each.
    /// - Throws: what the agent would refuse to start with.
    package init(
        configuration: Configuration, topics: [String], network: PackedNetwork, bundle: ModelBundle, threads: Int,
        start: Timestamp, now: () -> Int64
    ) throws {
        try ConfigurationCheck.check(configuration, against: .tcn(bundle))
        let patterns = try configuration.streams.map { try StreamPattern($0.topic, id: $0.id) }
        let models = (0..<2).map { _ in
            let encoder = StreamingEncoder(network, threads: threads)
            encoder.tune(now: now)
            return PipelineModel(bundle: .tcn(bundle), encoder: .tcn(encoder))
        }
        var factory = StreamFactory(configuration: configuration, checkpoints: [:], seed: 1)
        pipeline = Pipeline(
            configuration: configuration, configurationName: configuration.fingerprint,
            models: PipelineModels(standard: models[0]), factory: factory, table: StreamTable(patterns: patterns),
            outlet: NoOutlet(),
            log: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
        encoder = models[1].encoder
        var streams: [StreamRuntime] = []
        for (index, topic) in topics.enumerated() {
            let stream = factory.make(
                try StreamID("bench-\(index + 1)"), topic: topic, pattern: 0, model: models[1], now: start
            ).runtime
            stream.learner = stream.stepSeconds.map { factory.makeLearner(for: stream, stepSeconds: $0) }
            streams.append(stream)
        }
        self.streams = streams
        batch = StepBatch(models[1].shape)
    }

    /// Takes in one more message of the slice; `stream` is its topic's place.
    package func load(stream: Int, payload: [UInt8], arrival: Timestamp) {
        var topic = streams[stream].topic
        let isTaken = topic.withUTF8 { topic in
            payload.withUnsafeBytes {
                buffer.append(
                    topic: UnsafeRawBufferPointer(topic), payload: $0, arrival: arrival, isRetained: false)
            }
        }
        precondition(isTaken, "a slice of more than \(1 << 14) messages or 4 MiB")
        owners.append(stream)
        if rows.count < owners.count { rows.append(SampleRows(channels: streams[stream].channels.count)) }
    }

    package func unload() {
        buffer.removeAll()
        owners.removeAll(keepingCapacity: true)
    }

    /// Runs the slice as the agent does.
    package func process() {
        monotonic += 1_000_000
        pipeline.process(buffer, buffer.records.indices, monotonic: monotonic)
        pipeline.publishStates(monotonic: monotonic)
    }

    /// Runs the slice stage by stage; `add` gets what each took, several times.
    package func process(now: () -> Int64, add: (Stage, Int64) -> Void) throws {
        var last = now()
        func done(_ stage: Stage) {
            let time = now()
            add(stage, time - last)
            last = time
        }
        for (index, record) in buffer.records.enumerated() {
            rows[index].removeAll()
            try streams[owners[index]].codec.decode(buffer.payload(of: record), into: &rows[index])
        }
        done(.decode)
        for (index, record) in buffer.records.enumerated() {
            let (stream, rows) = (streams[owners[index]], rows[index])
            for row in 0..<rows.count {
                stream.preprocessor.append(
                    time: Timestamp(microseconds: rows.times[row]), arrival: record.arrival,
                    values: rows.values.span.extracting(row * rows.channels..<(row + 1) * rows.channels))
            }
        }
        while true {
            batch.removeAll()
            for stream in streams where !batch.isFull { _ = batch.take(from: stream) }
            done(.preprocess)
            if batch.entries.isEmpty { return }
            batch.run(encoder, nil)
            done(.encode)
            observe()
            done(.adapt)
            decide()
            done(.policy)
        }
    }

    private func observe() {
        verdicts.removeAll(keepingCapacity: true)
        let (embeddings, patches, levels) = (batch.embeddings, batch.patches, batch.levels)
        for entry in batch.entries {
            verdicts.append(
                entry.stream.learner!.observe(
                    time: entry.header.time, embeddings: embeddings.span.extracting(batch.embeddings(of: entry)),
                    patches: patches.span.extracting(batch.patches(of: entry)),
                    levels: levels.span.extracting(batch.levels(of: entry)), learns: true))
        }
    }

    private func decide() {
        for (entry, verdict) in zip(batch.entries, verdicts) {
            let (stream, time) = (entry.stream, entry.header.time)
            _ = stream.policy.insights(for: verdict, at: time, isMuted: stream.isMuted(at: time)) {
                InsightPolicy.Evidence(channels: stream.contributions, context: stream.context(upTo: time))
            }
        }
    }
}

/// Takes everything and keeps nothing.
private struct NoOutlet: PipelineOutlet {
    var clockQuality: ClockQuality { .synced }
    func publish(_ status: StreamStatus, of stream: StreamID) -> Bool { true }
    func submit(_ insights: [Insight], _ checkpoint: Checkpoint?) {}
    func streamAdded(_ stream: StreamID, topic: String) {}
}
