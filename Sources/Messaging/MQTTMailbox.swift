import SedgeCore
import Synchronization

/// What callers hand to a client's thread, under one lock; open only while the session is connected.
final class MQTTMailbox: Sendable {
    struct Outgoing {
        let topic: String
        let payload: [UInt8]
        let qos: Int
        let retain: Bool
        let token: Int64?
    }

    struct StopRequest {
        let final: [(topic: String, payload: [UInt8])]
        /// On the monotonic clock.
        let deadline: Duration
    }

    private struct State {
        var isOpen = false
        var outgoing: [Outgoing] = []
        /// Messages of QoS 1 between `post` and their acknowledgement.
        var inFlight = 0
        var subscriptions: [String: Int]?
        /// Of these, what is to be sent even if it is there.
        var anew: Set<String> = []
        var stop: StopRequest?
        var isStopping = false
    }

    private let state = Mutex(State())
    private let wake = WakePipe()
    private let maximumInFlight: Int
    /// QoS 0 has no acknowledgements to bound it.
    private static let maximumOutgoing = 4096

    init(maximumInFlight: Int) { self.maximumInFlight = maximumInFlight }

    var isOpen: Bool { state.withLock { $0.isOpen } }
    var descriptor: Int32 { wake.descriptor }

    // MARK: Callers

    /// Whether `post` would take a message of QoS 1 now.
    func hasRoom(reserve: Int) -> Bool { state.withLock { takes(qos: 1, reserve, $0) } }

    private func takes(qos: Int, _ reserve: Int, _ state: State) -> Bool {
        state.isOpen && state.outgoing.count < Self.maximumOutgoing
            && (qos == 0 || state.inFlight + reserve < maximumInFlight)
    }

    func post(_ message: Outgoing, reserve: Int = 0) -> Bool {
        let (isTaken, isFirst) = state.withLock { state -> (Bool, Bool) in
            guard takes(qos: message.qos, reserve, state) else { return (false, false) }
            if message.qos > 0 { state.inFlight += 1 }
            state.outgoing.append(message)
            return (true, state.outgoing.count == 1)
        }
        if isFirst { wake.signal() }
        return isTaken
    }

    func setSubscriptions(_ wanted: [String: Int], anew: String? = nil) {
        state.withLock {
            $0.subscriptions = wanted
            if let anew { $0.anew.insert(anew) }
        }
        wake.signal()
    }

    /// False: asked before.
    func requestStop(_ request: StopRequest) -> Bool {
        let isFirst = state.withLock { state in
            defer {
                state.isOpen = false
                state.isStopping = true
            }
            if !state.isStopping { state.stop = request }
            return !state.isStopping
        }
        wake.signal()
        return isFirst
    }

    // MARK: The client's thread

    func open() { state.withLock { $0.isOpen = !$0.isStopping } }

    /// Forgets what was not sent.
    func close() {
        state.withLock {
            $0.isOpen = false
            $0.outgoing.removeAll(keepingCapacity: true)
            $0.inFlight = 0
        }
    }

    func settled() { state.withLock { $0.inFlight = max(0, $0.inFlight - 1) } }

    /// Swaps the waiting messages with an empty array, so that both keep their memory.
    func takeOutgoing(into empty: inout [Outgoing]) {
        state.withLock { swap(&$0.outgoing, &empty) }
    }

    func takeSubscriptions() -> (wanted: [String: Int], anew: Set<String>)? {
        state.withLock { state in
            defer { state.anew = [] }
            return state.subscriptions.take().map { ($0, state.anew) }
        }
    }
    func takeStop() -> StopRequest? { state.withLock { $0.stop.take() } }
    func clearWake() { wake.clear() }
}
