import Messaging
import SedgeCore
import Synchronization

/// A broker that takes messages as fast as it can, and loses none that it should have got.
///
/// `MQTTClient` takes only what there is room for and forgets what is in flight when its connection is lost. So this
/// waits for room, and keeps messages of QoS 1 until they are acknowledged, to send them again on the next connection.
/// One thread publishes.
final class Publisher: MessageSink {
    /// What the client's thread and the publishing thread share.
    private final class Shared: Sendable {
        struct State {
            var unacknowledged: [Int64: Message] = [:]
            /// Tokens to send again, oldest first.
            var resend: [Int64] = []
            var acknowledged = 0
            var refused = 0
            /// The last thing that went wrong.
            var problem: MQTTEvent?
        }
        struct Message {
            let topic: String
            let payload: [UInt8]
        }
        let state = Mutex(State())
        let wakeup = Wakeup()
    }

    private let shared = Shared()
    private let client: MQTTClient
    private let label: String
    private let qos: Int
    private var nextToken: Int64 = 0

    /// `qos` 0 or 1; `clientID` must be the broker's only one of that name.
    init(settings: BrokerSettings, clientID: String, qos: Int) {
        self.qos = qos
        label = settings.label
        let shared = shared
        let handlers = MQTTHandlers(
            onConnected: { shared.wakeup.signal() },
            onDisconnected: { reason in
                shared.state.withLock { $0.resend = $0.unacknowledged.keys.sorted() }
                Terminal.writeError("sedge: lost the broker (\(reason)), trying again\n")
            },
            onAcknowledged: { token in
                shared.state.withLock {
                    if $0.unacknowledged.removeValue(forKey: token) != nil { $0.acknowledged += 1 }
                }
                shared.wakeup.signal()
            },
            onRefused: { token in
                shared.state.withLock {
                    if $0.unacknowledged.removeValue(forKey: token) != nil { $0.refused += 1 }
                }
                shared.wakeup.signal()
            },
            onEvent: { event in
                guard event.isProblem else { return }
                shared.state.withLock { $0.problem = event }
                shared.wakeup.signal()
            })
        client = MQTTClient(
            settings: settings, clientID: clientID, will: nil, handlers: handlers,
            seed: UInt64(bitPattern: SystemTime.monotonicNanoseconds()),
            backoff: Backoff(minimum: .milliseconds(200), maximum: .seconds(5)), maximumInFlight: 512)
    }

    /// How many messages with a receipt have been acknowledged.
    var acknowledged: Int { shared.state.withLock { $0.acknowledged } }

    /// Returns when connected. Throws at once what only a person can mend, and after `seconds` what is left.
    func connect(within seconds: Double) throws(Failure) {
        try client.connect(to: label, within: seconds, wakeup: shared.wakeup) { shared.state.withLock { $0.problem } }
    }

    func publish(topic: String, payload: [UInt8], isLast: Bool) -> Bool {
        let qos = isLast ? 1 : qos
        guard qos > 0 else {
            while !client.publish(topic: topic, payload: payload, qos: 0, retain: false) {
                if Interruption.isRequested { return false }
                waitForRoom()
            }
            return true
        }
        nextToken += 1
        let token = nextToken
        let message = Shared.Message(topic: topic, payload: payload)
        while true {
            if sendAgain() {
                // Known before it is sent: the connection may be lost between the two.
                shared.state.withLock { $0.unacknowledged[token] = message }
                if client.publish(topic: topic, payload: payload, qos: 1, retain: false, token: token) { return true }
                shared.state.withLock { state in
                    state.unacknowledged[token] = nil
                    state.resend.removeAll { $0 == token }
                }
            }
            if Interruption.isRequested { return false }
            waitForRoom()
        }
    }

    /// Waits until everything that asked for a receipt has one. Throws where something has none.
    func settle(within seconds: Double) throws(Failure) {
        let deadline = SystemTime.monotonicNanoseconds() + Int64(seconds * 1e9)
        while !shared.state.withLock({ $0.unacknowledged.isEmpty }), SystemTime.monotonicNanoseconds() < deadline {
            _ = sendAgain()
            waitForRoom()
        }
        let (missing, refused, problem) = shared.state.withLock {
            ($0.unacknowledged.count, $0.refused, $0.problem)
        }
        let reason = problem.map { " (\($0.clause))" } ?? ""
        if refused > 0 { throw Failure(.unavailable, "\(label) refused \(refused) messages\(reason)") }
        if missing > 0 { throw Failure(.unavailable, "\(label) left \(missing) messages unacknowledged\(reason)") }
    }

    /// Sends what is left and disconnects; nothing can be published afterwards.
    func disconnect() { client.stop(deadline: .seconds(2)) }

    /// False: some of it found no room yet.
    private func sendAgain() -> Bool {
        while let (token, message) = nextToResend() {
            guard let message else { continue }
            guard client.publish(topic: message.topic, payload: message.payload, qos: 1, retain: false, token: token)
            else {
                shared.state.withLock { state in
                    if !state.resend.contains(token) { state.resend.insert(token, at: 0) }
                }
                return false
            }
        }
        return true
    }

    /// Takes the oldest token to send again; its message is nil where it has been acknowledged since.
    private func nextToResend() -> (Int64, Shared.Message?)? {
        shared.state.withLock { state in
            guard !state.resend.isEmpty else { return nil }
            let token = state.resend.removeFirst()
            return (token, state.unacknowledged[token])
        }
    }

    /// Acknowledgements wake the sleeper; room for QoS 0 comes without notice.
    private func waitForRoom() { shared.wakeup.wait(milliseconds: client.isConnected ? 1 : 20) }
}
