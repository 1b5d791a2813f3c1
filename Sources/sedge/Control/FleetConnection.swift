import Control
import Messaging
import SedgeCore
import Synchronization

/// A broker that nodes are changed through: publishes and waits for receipts, and keeps what nodes report.
final class FleetConnection: Sendable {
    private final class Shared: Sendable {
        struct State {
            var messages: [(topic: String, payload: [UInt8])] = []
            var acknowledged: Set<Int64> = []
            var problem: MQTTEvent?
            var refused = false
        }
        let state = Mutex(State())
        let wakeup = Wakeup()
    }

    private let shared = Shared()
    private let client: MQTTClient
    private let label: String
    private let nextToken = Atomic<Int64>(1)

    init(_ settings: BrokerSettings, clientID: String, filters: [String]) {
        label = settings.label
        let shared = shared
        client = MQTTClient(
            settings: settings, clientID: clientID, will: nil,
            handlers: MQTTHandlers(
                onMessage: { topic, payload, _ in
                    let message = (String(decoding: topic, as: UTF8.self), Array(payload))
                    shared.state.withLock { $0.messages.append(message) }
                    shared.wakeup.signal()
                },
                onConnected: { shared.wakeup.signal() },
                onAcknowledged: { token in
                    shared.state.withLock { _ = $0.acknowledged.insert(token) }
                    shared.wakeup.signal()
                },
                onRefused: { _ in
                    shared.state.withLock { $0.refused = true }
                    shared.wakeup.signal()
                },
                onEvent: { event in
                    guard event.isProblem else { return }
                    shared.state.withLock { $0.problem = event }
                    shared.wakeup.signal()
                }),
            seed: UInt64(bitPattern: SystemTime.monotonicNanoseconds()),
            backoff: Backoff(minimum: .milliseconds(200), maximum: .seconds(5)), maximumInFlight: 256)
        client.setSubscriptions(Dictionary(uniqueKeysWithValues: filters.map { ($0, 1) }))
    }

    /// Returns when connected. Throws at once what only a person can mend, and after `seconds` what is left.
    func connect(within seconds: Double = 10) throws(Failure) {
        try client.connect(to: label, within: seconds, wakeup: shared.wakeup) { shared.state.withLock { $0.problem } }
    }

    /// Publishes with QoS 1, retained, and waits for the receipt.
    func publish(_ topic: String, _ payload: [UInt8], within seconds: Double = 10) throws(Failure) {
        let token = nextToken.add(1, ordering: .relaxed).oldValue
        let deadline = SystemTime.monotonicNanoseconds() + Int64(seconds * 1e9)
        var isTaken = false
        while SystemTime.monotonicNanoseconds() < deadline, !Interruption.isRequested {
            if !isTaken {
                isTaken = client.publish(topic: topic, payload: payload, qos: 1, retain: true, token: token)
            }
            let (isDone, refused) = shared.state.withLock { ($0.acknowledged.remove(token) != nil, $0.refused) }
            if isDone { return }
            if refused { throw Failure(.unavailable, "\(label) refused a message on \(topic): not authorised") }
            shared.wakeup.wait(milliseconds: 50)
        }
        throw Failure(.unavailable, "\(label) did not acknowledge a message on \(topic)")
    }

    /// What came since the last call, after a while at most.
    func take(within milliseconds: Int) -> [(topic: String, payload: [UInt8])] {
        if shared.state.withLock({ $0.messages.isEmpty }) { shared.wakeup.wait(milliseconds: milliseconds) }
        return shared.state.withLock { state in
            defer { state.messages = [] }
            return state.messages
        }
    }

    /// All that comes until nothing new came for a while, what a broker retains; or until what came is enough.
    func drain(
        quiet milliseconds: Int = 300, atMost seconds: Double = 5,
        until isEnough: (_ new: [(topic: String, payload: [UInt8])]) -> Bool = { _ in false }
    ) -> [(topic: String, payload: [UInt8])] {
        var messages: [(topic: String, payload: [UInt8])] = []
        let deadline = SystemTime.monotonicNanoseconds() + Int64(seconds * 1e9)
        var last = SystemTime.monotonicNanoseconds()
        while SystemTime.monotonicNanoseconds() < deadline, !Interruption.isRequested {
            let new = take(within: milliseconds)
            messages += new
            if isEnough(new) { break }
            let now = SystemTime.monotonicNanoseconds()
            if !new.isEmpty { last = now }
            if now - last >= Int64(milliseconds) * 1_000_000 { break }
        }
        return messages
    }

    func stop() { client.stop(deadline: .seconds(1)) }
}
