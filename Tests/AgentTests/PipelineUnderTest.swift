import Inference
import Ingest
import Logging
import SedgeCore
import Store
import Synchronization

@testable import Agent

/// A pipeline with a small random encoder, whose results go into lists.
final class PipelineUnderTest {
    let outlet = ListOutlet()
    let pipeline: Pipeline
    private var buffer: MessageBuffer
    private var monotonic: Int64 = 0

    static let bundle = try! ModelBundle.random(
        architecture: TCNArchitecture(mode: .independent, patch: 8, channels: 8, blocks: 3, embedding: 8), seed: 5)

    /// - Parameter stream: the JSON of `stream[0]`.
    convenience init(
        _ stream: String, checkpoints: [Checkpoint] = [], mqtt: String = "{}", feedback: [StoredFeedback] = [],
        bundle: ModelBundle = PipelineUnderTest.bundle
    ) throws {
        try self.init(stream, checkpoints: checkpoints, mqtt: mqtt, feedback: feedback, encoder: .tcn(bundle))
    }

    init(
        _ stream: String, checkpoints: [Checkpoint] = [], mqtt: String = "{}", feedback: [StoredFeedback] = [],
        encoder bundle: EncoderBundle
    ) throws {
        let json = #"{"node":"n","mqtt":\#(mqtt),"stream":[\#(stream)]}"#
        let configuration = try Configuration(json: Array(json.utf8))
        try ConfigurationCheck.check(configuration, against: bundle)
        var saved: [StreamID: [String: [UInt8]]] = [:]
        for checkpoint in checkpoints { saved[checkpoint.stream, default: [:]][checkpoint.part] = checkpoint.data }
        let patterns = try configuration.streams.map { try StreamPattern($0.topic, id: $0.id) }
        let outlet = outlet
        pipeline = Pipeline(
            configuration: configuration, configurationName: "test",
            models: PipelineModels(
                standard: PipelineModel(
                    bundle: bundle, encoder: LaneEncoder(bundle: bundle, kernels: .scalar))),
            factory: StreamFactory(configuration: configuration, checkpoints: saved, seed: 1),
            table: StreamTable(patterns: patterns), outlet: outlet,
            log: Logger(label: "test") { _ in
                StructuredLogHandler(format: .logfmt, level: .info) { line in
                    outlet.log.withLock { $0 += String(decoding: line, as: UTF8.self) }
                }
            }, feedback: feedback)
        buffer = MessageBuffer(byteLimit: 1 << 20, recordLimit: 10_000)
    }

    /// Another encoder of the same shape.
    static let otherBundle = try! ModelBundle.random(
        architecture: TCNArchitecture(mode: .independent, patch: 8, channels: 8, blocks: 3, embedding: 8), seed: 6)

    /// Goes over to another configuration, as a reload does.
    ///
    /// - Parameters:
    ///   - streams: the JSON of each.
    ///   - bundle: of all streams that do not say `"bundle":"other"`.
    ///   - rest: further members of the configuration.
    ///   - newEncoders: as a change of kernels or threads makes them.
    func adopt(
        _ streams: [String], bundle: ModelBundle = PipelineUnderTest.bundle, rest: String = "",
        newEncoders: Bool = false
    ) throws -> AdoptionReport {
        try adopt(streams, encoder: .tcn(bundle), rest: rest, newEncoders: newEncoders)
    }

    func adopt(
        _ streams: [String], encoder bundle: EncoderBundle, rest: String = "", newEncoders: Bool = false
    ) throws -> AdoptionReport {
        let json = #"{"node":"n","stream":[\#(streams.joined(separator: ","))]\#(rest)}"#
        let configuration = try Configuration(json: Array(json.utf8))
        let bundles = BundleSet(
            standard: bundle, named: configuration.inference.bundle, others: ["other": .tcn(Self.otherBundle)])
        try ConfigurationCheck.check(configuration, against: bundles)
        let engine = try Engine(configuration.inference)
        let known = newEncoders ? [] : Set(pipeline.models.all.map(\.name))
        let staged = StagedConfiguration(
            configuration: configuration, name: "adopted",
            patterns: try configuration.streams.map { try StreamPattern($0.topic, id: $0.id) }, bundles: bundles,
            engine: engine, built: try engine.makeEncoders(of: bundles, except: known))
        monotonic += 1_000_000
        return pipeline.adopt(staged, now: SystemTime.now(), monotonic: monotonic)
    }

    /// Puts in one message and lets the pipeline work.
    func receive(_ payload: String, topic: String = "t", arrival: Timestamp, isRetained: Bool = false) {
        receive([(payload, arrival)], topic: topic, isRetained: isRetained)
    }

    /// Puts in some messages at once, as they lie there after a busy moment.
    func receive(_ messages: [(payload: String, arrival: Timestamp)], topic: String = "t", isRetained: Bool = false) {
        buffer.removeAll()
        for message in messages {
            let taken = Array(topic.utf8).withUnsafeBytes { topic in
                Array(message.payload.utf8).withUnsafeBytes {
                    buffer.append(topic: topic, payload: $0, arrival: message.arrival, isRetained: isRetained)
                }
            }
            precondition(taken)
        }
        monotonic += 1_000_000
        pipeline.process(buffer, buffer.records.indices, monotonic: monotonic)
        pipeline.publishStates(monotonic: monotonic)
    }

    /// Lets time pass on both clocks.
    func advance(seconds: Double, to now: Timestamp) {
        monotonic += Int64(seconds * 1e9)
        pipeline.advance(to: now, monotonic: monotonic)
        pipeline.publishStates(monotonic: monotonic)
    }

    var stream: StreamRuntime { pipeline.streams[0] }
}

/// Keeps what the pipeline says.
final class ListOutlet: PipelineOutlet {
    let states = Mutex<[StreamStatus]>([])
    let insights = Mutex<[Insight]>([])
    let checkpoints = Mutex<[Checkpoint]>([])
    let log = Mutex("")

    var clockQuality: ClockQuality { .synced }

    func publish(_ status: StreamStatus, of stream: StreamID) -> Bool {
        states.withLock { $0.append(status) }
        return true
    }

    func submit(_ insights: [Insight], _ checkpoint: Checkpoint?) {
        self.insights.withLock { $0 += insights }
        if let checkpoint { checkpoints.withLock { $0.append(checkpoint) } }
    }

    func streamAdded(_ stream: StreamID, topic: String) {}
}
