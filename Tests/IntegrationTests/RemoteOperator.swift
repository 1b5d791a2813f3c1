import Control
import Inference
import SedgeCore
import TestSupport

/// Somebody with a key and `mosquitto_pub`, as the documentation shows it, and an agent that trusts the key.
final class RemoteOperator: Sendable {
    let key = SigningKey()
    let broker: MosquittoBroker
    let agent: AgentUnderTest
    let subscriber: Subscriber
    private let folder = TemporaryFolder()

    static let node = EnvelopeScope.node(try! NodeID(AgentUnderTest.node))
    static let topics = ControlTopics(base: "sedge")

    /// What the agent's file says beside the broker.
    private let rest: String

    /// - Parameter control: further lines of `[control]`.
    init(
        canarySeconds: Int = 1, control: String = "", rest: String = AgentUnderTest.pump, isPersistent: Bool = false,
        isTrusted: Bool = true
    ) async throws {
        var options = MosquittoBroker.Options()
        options.isPersistent = isPersistent
        broker = try await MosquittoBroker.started(options)
        self.rest = """
            [control]
            trusted_keys = ["\(key.trusted)"]
            canary_seconds = \(canarySeconds)
            groups = ["plant"]
            \(control)

            \(rest)
            """
        agent = try AgentUnderTest(port: broker.port, rest: isTrusted ? self.rest : rest)
        subscriber = try await Subscriber(broker, topics: ["sedge/test/#", "homeassistant/device/test/config"])
    }

    /// Writes the key into the agent's file, where it is not there yet.
    func trust(mqtt: String = "") throws { try agent.replace(port: broker.port, mqtt: mqtt, rest: rest) }

    func configuration(
        _ version: Int64, _ json: String = #"{"adaptation":{"alarms_per_week":2}}"#,
        scope: EnvelopeScope = RemoteOperator.node, _ edit: (inout EnvelopeHeader) -> Void = { _ in }
    ) -> Envelope {
        key.sign(Array(json.utf8), kind: .configuration, scope: scope, version: version, edit)
    }

    /// Publishes it, retained, to where it belongs.
    func send(_ envelope: Envelope) async throws {
        try await publish(
            Self.topics.desired(envelope.header.kind.subject, envelope.header.scope), envelope.json())
    }

    /// A bundle in parts, all of which the broker keeps, as `sedge model push` sends them.
    func send(_ envelope: Envelope, parts: [[UInt8]]) async throws {
        for (number, part) in parts.enumerated() {
            try await publish(Self.topics.part(number, envelope.header.scope), part)
        }
        try await send(envelope)
    }

    /// The shipped encoder under another name.
    static func bundle(_ name: String) throws -> ModelBundle {
        let shipped = try ModelBundle(bytes: FileBytes.read(AgentUnderTest.bundlePath, limit: 1 << 24))
        return try ModelBundle(
            name: name, version: "2.0.0", architecture: shipped.architecture, preprocessing: shipped.preprocessing,
            network: shipped.network, training: shipped.training, dataLicence: shipped.dataLicence,
            selfTestPatches: shipped.selfTestVectors.patches)
    }

    func publish(_ topic: String, _ payload: [UInt8], retained: Bool = true) async throws {
        let path = folder.file("message")
        try TestFile.write(payload, to: path)
        let outcome = try await Launcher.run(
            .tool("mosquitto_pub"),
            ["-h", "127.0.0.1", "-p", "\(broker.port)", "-q", "1", "-t", topic, "-f", path] + (retained ? ["-r"] : []))
        guard outcome.status == 0 else { throw Launcher.Failure(description: outcome.errors) }
    }

    /// `config` of the pump's latest state.
    var configurationInForce: String? {
        struct State: Decodable { let config: String? }
        return subscriber.decoded(State.self, under: "sedge/test/state/pump-1").last?.config
    }

    /// All that the node reported, in order.
    func reports(_ subject: ControlSubject = .configuration) -> [ReportedState] {
        subscriber.decoded(ReportedState.self, under: "sedge/test/\(subject.rawValue)/reported")
    }

    /// Whether the node reports this of an envelope.
    func reports(_ status: String, _ envelope: Envelope, within limit: Duration = .seconds(60)) async -> Bool {
        await eventually(within: limit) {
            self.reports(envelope.header.kind.subject).contains {
                $0.status == status && $0.transaction == envelope.header.transaction
            }
        }
    }

    func start(holdingAt state: String? = nil) throws -> LaunchedProgram {
        try Launcher.start(
            .sedged, ["--config", agent.configurationPath],
            environment: state.map { ["SEDGE_HOLD_AT": $0] } ?? [:])
    }
}
