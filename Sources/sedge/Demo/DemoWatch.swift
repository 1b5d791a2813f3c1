import Messaging
import SedgeCore
import Synchronization

/// Listens at the broker as any subscriber would.
final class DemoWatch: Sendable {
    private let client: MQTTClient
    private let state: State

    /// Apart, so that the client's handlers do not hold the client.
    private final class State: Sendable {
        let board = Mutex(DemoBoard())
    }

    init(port: UInt16) throws {
        let state = State()
        self.state = state
        client = MQTTClient(
            settings: BrokerSettings(host: "127.0.0.1", port: port), clientID: "sedge-demo", will: nil,
            handlers: MQTTHandlers(onMessage: { topic, payload, _ in
                let topic = String(decoding: topic, as: UTF8.self)
                let payload = Array(payload)
                state.board.withLock { _ = $0.received(topic: topic, payload: payload) }
            }), seed: 1)
        client.setSubscriptions(["sedge/demo/#": 1])
        client.start()
    }

    var board: DemoBoard { state.board.withLock { $0 } }
    func stop() { client.stop(deadline: .seconds(1)) }
}
