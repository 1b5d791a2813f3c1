import Messaging
import TestSupport

/// Publishes whatever a test likes, faster than a program started for each message could.
final class ChaosPublisher: Sendable {
    private let client: MQTTClient

    init(_ broker: MosquittoBroker) async throws {
        client = MQTTClient(
            settings: BrokerSettings(host: "127.0.0.1", port: broker.port), clientID: "chaos", will: nil,
            handlers: MQTTHandlers(), seed: 1, maximumInFlight: 1000)
        client.start()
        guard await eventually({ self.client.isConnected }) else {
            throw Launcher.Failure(description: "the publisher found no broker on port \(broker.port)")
        }
    }

    deinit { client.stop(deadline: .seconds(1)) }

    /// With QoS 1; waits while too much is in flight.
    func send(_ topic: String, _ payload: String) async {
        await send(topic, Array(payload.utf8))
    }

    func send(_ topic: String, _ payload: [UInt8]) async {
        _ = await eventually { client.publish(topic: topic, payload: payload, qos: 1, retain: false) }
    }

    /// A sample whose time lies a century ahead: a `quality` insight, once a stream and start of the agent.
    func sendFutureTime(_ stream: Int) async {
        await send("c/s\(stream)", #"{"x":1,"ts":4102444800000}"#)
    }

    /// What `sendFutureTime` and the other messages of these tests are read with.
    static let stream = """
        [[stream]]
        topic = "c/{stream}"
        channels = { x = "$.x" }
        time = "$.ts"
        """
}
