import Messaging
import SedgeCore
import Synchronization

/// The connections to the brokers: one for what goes out, and one for samples where they come from another broker. A
/// reload may replace them; what is handed over in between is not taken, as in any outage.
final class Brokers: Sendable {
    /// Both connections, of one configuration.
    struct Connections: Sendable {
        fileprivate let output: MQTTClient
        /// Where samples come from another broker than insights go to.
        fileprivate let input: MQTTClient?

        fileprivate var all: [MQTTClient] { [output] + [input].compactMap(\.self) }
    }

    private struct State {
        var connections: Connections
        var subscriptions: [String: Int] = [:]
        /// To the topics that the node is changed by; on the broker that insights go to.
        var control: [String: Int] = [:]
        /// Of connections that were replaced, themselves included.
        var formerReconnects = 0
        var formerOversized = 0
    }

    private let state: Mutex<State>
    private let topics: Topics
    private let relay: MQTTRelay
    private let clientID: String
    private let statusTopic: String?
    /// What the node itself listens to, where insights go.
    private let nodeSubscriptions: [String: Int]

    init(_ mqtt: BrokerConfiguration, topics: Topics, statusTopic: String?, relay: MQTTRelay) throws {
        self.topics = topics
        self.relay = relay
        self.statusTopic = statusTopic
        nodeSubscriptions = [topics.feedbackFilter: 1]
        clientID = "sedged-\(topics.node)"
        state = Mutex(
            State(
                connections: try Self.connections(
                    mqtt, topics: topics, clientID: clientID, statusTopic: statusTopic, relay: relay)))
    }

    private static func connections(
        _ mqtt: BrokerConfiguration, topics: Topics, clientID: String, statusTopic: String?, relay: MQTTRelay
    ) throws -> Connections {
        var random = SystemRandomNumberGenerator()
        let target = mqtt.publish ?? mqtt.connection
        let isOne = mqtt.publish == nil
        let output = MQTTClient(
            settings: try BrokerSettings(target), clientID: clientID, will: (topics.availability, Topics.offline),
            handlers: relay.handlers(takesMessages: isOne), seed: random.next(), backoff: Backoff(target),
            maximumInFlight: 1000, statusTopic: statusTopic)
        let input =
            isOne
            ? nil
            : MQTTClient(
                settings: try BrokerSettings(mqtt.connection), clientID: "\(clientID)-in", will: nil,
                handlers: relay.inputHandlers, seed: random.next(), backoff: Backoff(mqtt.connection))
        return Connections(output: output, input: input)
    }

    private var connections: Connections { state.withLock { $0.connections } }

    /// Whether insights can go out.
    var isConnected: Bool { connections.output.isConnected }
    /// Whether samples can come in as well.
    var areAllConnected: Bool { connections.all.allSatisfy(\.isConnected) }

    /// Connections after the first.
    var reconnects: Int {
        state.withLock { $0.connections.all.reduce($0.formerReconnects) { $0 + $1.reconnects } }
    }
    /// Messages above the limit, dropped.
    var oversized: Int {
        state.withLock { $0.connections.all.reduce($0.formerOversized) { $0 + $1.oversized } }
    }

    /// As `MQTTClient.publish`, with QoS 1.
    func publish(topic: String, payload: [UInt8], retain: Bool, token: Int64? = nil, reserve: Int = 0) -> Bool {
        connections.output.publish(
            topic: topic, payload: payload, qos: 1, retain: retain, token: token, reserve: reserve)
    }

    /// Whether `publish` would take a message now.
    func hasRoom(reserve: Int) -> Bool { connections.output.hasRoom(reserve: reserve) }

    /// The whole of the wanted subscriptions to samples, topic filter to QoS.
    func setSubscriptions(_ wanted: [String: Int]) {
        state.withLock { $0.subscriptions = wanted }
        subscribe()
    }

    /// The whole of the wanted topic filters by which the node is changed.
    /// - Parameter anew: one of them, for which the broker shall send again what it retains.
    func setControl(_ filters: [String], anew: String?) {
        state.withLock { $0.control = Dictionary(uniqueKeysWithValues: filters.map { ($0, 1) }) }
        subscribe(anew: anew)
    }

    private func subscribe(anew: String? = nil) {
        let (connections, subscriptions, control) = state.withLock { state in
            (state.connections, state.subscriptions, state.control.merging(nodeSubscriptions) { $1 })
        }
        guard let input = connections.input else {
            return connections.output.setSubscriptions(subscriptions.merging(control) { $1 }, anew: anew)
        }
        input.setSubscriptions(subscriptions)
        connections.output.setSubscriptions(control, anew: anew)
    }

    func start() {
        subscribe()
        for client in connections.all { client.start() }
    }

    /// Takes no more messages. Takes a second at most.
    func stopSamples() {
        let connections = connections
        connections.input?.stop(deadline: .seconds(1))
        connections.output.setSubscriptions([:])
    }

    /// Says goodbye. Takes seconds at most.
    func stop() {
        connections.output.stop(final: [(topics.availability, Topics.offline)], deadline: .seconds(3))
    }

    /// Other connections, which do nothing yet. Throws where a password can not be read.
    func prepare(_ mqtt: BrokerConfiguration) throws -> Connections {
        try Self.connections(mqtt, topics: topics, clientID: clientID, statusTopic: statusTopic, relay: relay)
    }

    /// Leaves the brokers and connects to others, or to the same in another way. Insights that nobody has acknowledged
    /// go out again on the new connection. Takes seconds at most.
    func replace(by new: Connections) {
        // Old and new may have the same client id, so the old ones go first.
        stopSamples()
        stop()
        relay.leftBroker()
        state.withLock { state in
            state.formerReconnects += state.connections.all.reduce(1) { $0 + $1.reconnects }
            state.formerOversized += state.connections.all.reduce(0) { $0 + $1.oversized }
            state.connections = new
        }
        start()
    }
}
