import Messaging
import SedgeCore
import Synchronization
import TestSupport

/// Keeps what a client told its owner.
final class ClientRecorder: Sendable {
    struct Message: Sendable, Equatable {
        let topic: String
        let payload: String
        let isRetained: Bool
    }

    private struct State {
        var messages: [Message] = []
        var acknowledged: [Int64] = []
        var refused: [Int64] = []
        var events: [MQTTEvent] = []
        var connected = 0
        var disconnected: [String] = []
        var announced = 0
    }

    private let state = Mutex(State())

    var messages: [Message] { state.withLock { $0.messages } }
    var acknowledged: [Int64] { state.withLock { $0.acknowledged } }
    var refused: [Int64] { state.withLock { $0.refused } }
    var events: [MQTTEvent] { state.withLock { $0.events } }
    var sentences: [String] { events.map(\.description) }
    var connected: Int { state.withLock { $0.connected } }
    var disconnected: [String] { state.withLock { $0.disconnected } }
    var announced: Int { state.withLock { $0.announced } }

    func handlers(onConnected: @escaping @Sendable () -> Void = {}) -> MQTTHandlers {
        MQTTHandlers(
            onMessage: { [self] topic, payload, isRetained in
                let message = Message(
                    topic: String(decoding: topic, as: UTF8.self), payload: String(decoding: payload, as: UTF8.self),
                    isRetained: isRetained)
                state.withLock { $0.messages.append(message) }
            },
            onConnected: { [self] in
                state.withLock { $0.connected += 1 }
                onConnected()
            },
            onDisconnected: { [self] reason in state.withLock { $0.disconnected.append(reason) } },
            onAcknowledged: { [self] token in state.withLock { $0.acknowledged.append(token) } },
            onRefused: { [self] token in state.withLock { $0.refused.append(token) } },
            onAnnounce: { [self] in state.withLock { $0.announced += 1 } },
            onEvent: { [self] event in state.withLock { $0.events.append(event) } })
    }
}

extension Backoff {
    /// Short enough for tests.
    static let quick = Backoff(minimum: .milliseconds(50), maximum: .milliseconds(200), stableAfter: .seconds(1))
}

extension BrokerSettings {
    init(_ broker: MosquittoBroker) { self.init(host: "127.0.0.1", port: broker.port) }
}

/// A client with its recorder, started.
func startClient(
    _ settings: BrokerSettings, id: String = "client", will: (topic: String, payload: [UInt8])? = nil,
    recorder: ClientRecorder, maximumInFlight: Int = 64, statusTopic: String? = nil,
    subscriptions: [String: Int] = [:]
) -> MQTTClient {
    let client = MQTTClient(
        settings: settings, clientID: id, will: will, handlers: recorder.handlers(), seed: 7, backoff: .quick,
        maximumInFlight: maximumInFlight, statusTopic: statusTopic, announceDelay: .milliseconds(100))
    client.setSubscriptions(subscriptions)
    client.start()
    return client
}
