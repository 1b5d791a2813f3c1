import Control
import Inference
import Logging
import SedgeCore
import Store
import Synchronization
import TestSupport

@testable import Agent

/// Remote control without broker, pipeline and threads: messages in, reports out, and a restart whenever one is wanted.
final class ControlUnderTest {
    let key = SigningKey()
    private(set) var worker: ControlWorker
    private(set) var writer: StoreWriter
    private let root = TemporaryFolder()
    private let file: Configuration
    private let told = Reports()

    static let node = EnvelopeScope.node(try! NodeID("gw-7"))

    private final class Reports: Sendable {
        let all = Mutex<[(topic: String, payload: [UInt8])]>([])
        let subscribed = Mutex<[(filters: [String], anew: String?)]>([])
        let seen = Mutex(ControlUnderTest.quiet)
        let refuses = Mutex(false)
    }

    /// An agent to which nothing happens.
    private static let quiet = AgentObservations(
        isConnected: true, passesSelfTest: true, received: 0, decoded: 0, decodeErrors: 0, dropped: 0, streams: 0,
        residentBytes: 0, processorTime: 0, time: 0, configurationName: "", model: "")

    init() throws {
        try TestFile.write(PipelineUnderTest.bundle.serialized(), to: root.file("base.safetensors"))
        let json = """
            {"node":"gw-7","mqtt":{"port":1},"store":{"path":"\(root.file("sedge.db"))"},
            "inference":{"bundle":"\(root.file("base.safetensors"))"},
            "control":{"trusted_keys":["\(key.trusted)"]}}
            """
        file = try Configuration(json: Array(json.utf8))
        (writer, worker) = try Self.open(file, told)
        worker.start()
    }

    /// As a new process does it.
    func restart() throws {
        writer.close()
        (writer, worker) = try Self.open(file, told)
        worker.start()
    }

    private static func open(_ file: Configuration, _ told: Reports) throws -> (StoreWriter, ControlWorker) {
        let opened = try Store.open(
            at: file.store.path, options: StoreOptions(node: file.node, bootID: "boot"), now: SystemTime.now())
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let memory = try ControlMemory(opened.store, file: file)
        let writer = StoreWriter(opened.store)
        let hooks = RemoteControl.Hooks(
            check: { configuration throws(AgentError) in _ = try Agent.check(configuration) },
            apply: { configuration, _ in
                if told.refuses.withLock({ $0 }) { return .refused(AgentError(.io, "no room")) }
                do throws(AgentError) {
                    _ = try Agent.check(configuration)
                    return .unchanged
                } catch {
                    return .refused(error)
                }
            },
            observe: { told.seen.withLock { $0 } }, model: { told.seen.withLock { $0.model } },
            publish: { topic, payload in
                told.all.withLock { $0.append((topic, payload)) }
                return true
            },
            subscribe: { filters, anew in told.subscribed.withLock { $0.append((filters, anew)) } }, offer: { _ in },
            takesModels: { _ in }, isClockSynced: { true })
        let layered = LayeredConfiguration(
            memory.usableLayers(file: file, log: log), check: hooks.check, apply: hooks.apply)
        let worker = ControlWorker(
            memory: memory, layered: layered, topics: ControlTopics(base: "sedge"), writer: writer, hooks: hooks,
            log: log)
        return (writer, worker)
    }

    /// The agent's file is edited: `control` gets these members.
    func edit(keys: [TrustedKey], groups: [String]) throws {
        guard case .object(var members) = try JSONParser.parse(file.json()[...]) else { return }
        members["control"] = .object([
            "trusted_keys": .array(keys.map { .string("\($0)") }), "groups": .array(groups.map { .string($0) }),
        ])
        let edited = try Configuration(json: Array(JSONDocument.object(members).text.utf8))
        _ = worker.layered.change { $0.file = edited }
        worker.readFile()
    }

    // MARK: Messages

    func model(
        _ seed: UInt64, version: Int64, scope: EnvelopeScope = ControlUnderTest.node, waits: Bool = false
    ) throws -> Envelope {
        let bundle = try ModelBundle.random(
            architecture: TCNArchitecture(mode: .independent, patch: 8, channels: 8, blocks: 3, embedding: 8),
            seed: seed)
        return key.sign(bundle.serialized(), kind: .bundle, scope: scope, version: version) { $0.waits = waits }
    }

    func configuration(
        _ json: String = #"{"adaptation":{"alarms_per_week":2}}"#, version: Int64,
        scope: EnvelopeScope = ControlUnderTest.node
    ) -> Envelope {
        key.sign(Array(json.utf8), kind: .configuration, scope: scope, version: version)
    }

    /// What it sets going goes on to the canary at most.
    func send(_ envelope: Envelope, now: Timestamp = SystemTime.now(), isClockSynced: Bool = true) {
        let header = envelope.header
        worker.take {
            $0.received(
                envelope.json(), header.kind.subject, header.scope, now: now, isClockSynced: isClockSynced)
        }
    }

    /// Bytes at `config/desired`.
    func send(_ bytes: [UInt8]) {
        worker.take {
            $0.received(bytes, .configuration, Self.node, now: SystemTime.now(), isClockSynced: true)
        }
    }

    func tick(_ now: Timestamp, isClockSynced: Bool = true) {
        worker.take { $0.tick(now: now, isClockSynced: isClockSynced) }
    }

    /// The canary's end.
    func judge(_ subject: ControlSubject, problem: String? = nil) {
        worker.perform(worker.node.drive(subject) { $0.judged(problem: problem) })
    }

    /// What the agent sees of itself from now on; looked at once.
    func observe(_ edit: (inout AgentObservations) -> Void) {
        let time = told.seen.withLock { seen in
            edit(&seen)
            return seen.time
        }
        worker.observe(time)
    }

    /// Whether the agent takes no configuration, whatever it is.
    func refuseAll(_ refuses: Bool) { told.refuses.withLock { $0 = refuses } }

    func sendAndKeep(_ envelope: Envelope) {
        send(envelope)
        judge(envelope.header.kind.subject)
    }

    // MARK: What came of it

    func has(_ envelope: Envelope) -> Bool { worker.folder.read(envelope.header.digest) != nil }

    /// Of what is under way, else of what lies ready.
    func state(_ subject: ControlSubject) -> RolloutState? {
        let machine = worker.node.machines[subject]
        return (machine?.candidate ?? machine?.ready.values.first)?.state
    }

    func reports(_ subject: ControlSubject) throws -> [ReportedState] {
        try told.all.withLock { $0 }.filter { $0.topic == "sedge/gw-7/\(subject.rawValue)/reported" }
            .map { try PayloadJSON.decode(ReportedState.self, from: $0.payload) }
    }

    /// What was subscribed to, the latest last.
    var subscriptions: [(filters: [String], anew: String?)] { told.subscribed.withLock { $0 } }

    func audit() throws -> [AuditEntry] { try writer.sync { try $0.audit(limit: 1000) } }
}
