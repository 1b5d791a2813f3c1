extension MQTTSession {
    /// What the driver is to do; in the order given.
    package enum Action: Sendable, Equatable {
        /// Make a new handle and connect. Answer with `connack` or `connectionLost`.
        case connect(MQTTVersion, ipv4Only: Bool)
        /// Send one SUBSCRIBE and tell its message id to `subscribing`.
        case subscribe([Subscription])
        /// Send one UNSUBSCRIBE.
        case unsubscribe([String])
        /// Tell the owner that messages can be published.
        case connected
        /// Tell the owner that they can not any more.
        case disconnected(reason: String)
        case acknowledged(token: Int64)
        case refused(token: Int64)
        /// Tell the owner to announce everything again.
        case announce
        /// Publish with QoS 1, retained, and tell its message id to `published`.
        case publishLast(topic: String, payload: [UInt8])
        /// Send DISCONNECT. Answer with `connectionLost` when the socket is closed.
        case disconnect
        /// Throw the handle away as it is.
        case drop
        case report(MQTTEvent)
    }

    /// A topic filter and the QoS asked for.
    package struct Subscription: Sendable, Equatable {
        package let filter: String
        package let qos: Int

        package init(filter: String, qos: Int) {
            self.filter = filter
            self.qos = qos
        }
    }

    package struct Settings: Sendable {
        /// How messages name the broker.
        package var broker: String
        package var backoff = Backoff()
        package var connectTimeout: Duration = .seconds(10)
        /// No PUBACK for so long, while one is awaited, means a broken connection.
        package var acknowledgeTimeout: Duration = .seconds(30)
        /// Home Assistant's birth topic, or nil; subscribed to beside the others.
        package var statusTopic: String?
        /// The longest wait before announcing again.
        package var announceDelay: Duration = .seconds(5)

        package init(broker: String) { self.broker = broker }
    }
}
