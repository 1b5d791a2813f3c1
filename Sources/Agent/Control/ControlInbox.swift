import Control
import SedgeCore
import Synchronization

/// What waits for remote control's thread. Bounded: whoever floods a node's `desired` topics fills this and no more.
final class ControlInbox: Sendable {
    enum Item: Sendable {
        case message(topic: String, payload: [UInt8], isRetained: Bool = false)
        /// A broker is reached: whatever was reported before may not have arrived.
        case connected
        /// The file holds something else.
        case file
    }

    private struct State {
        var messages: [Item] = []
        var bytes = 0
        /// Beside the messages, since these two must not be lost in a flood.
        var isConnected = false
        var isFileNew = false
        var isClosed = false
        /// Messages for which there was no room, by where they came.
        var missed: [ControlTopics.Address: Int64] = [:]
    }

    private static let maximumItems = 4096
    private static let maximumBytes = 8 << 20
    /// Messages that are handled before canaries and the end are looked at.
    private static let messagesATurn = 64

    private let state = Mutex(State())
    private let wakeup = Wakeup()

    /// False: there is no room.
    @discardableResult
    func push(_ item: Item) -> Bool {
        let isTaken = state.withLock { state -> Bool in
            guard !state.isClosed else { return false }
            switch item {
            case .connected: state.isConnected = true
            case .file: state.isFileNew = true
            case .message(_, let payload, _):
                guard state.messages.count < Self.maximumItems,
                    state.bytes + payload.count <= Self.maximumBytes
                else { return false }
                state.messages.append(item)
                state.bytes += payload.count
            }
            return true
        }
        if isTaken { wakeup.signal() }
        return isTaken
    }

    /// There was no room for what came here.
    func miss(_ address: ControlTopics.Address) { state.withLock { $0.missed[address, default: 0] += 1 } }

    /// What was missed since the last call.
    func takeMissed() -> [ControlTopics.Address: Int64] {
        state.withLock { state in
            defer { state.missed = [:] }
            return state.missed
        }
    }

    /// Whether no message waits.
    var isEmpty: Bool { state.withLock { $0.messages.isEmpty } }

    func close() {
        state.withLock { $0.isClosed = true }
        wakeup.signal()
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// What waits, after a while at most: a changed file and a connection first, then the oldest messages.
    func take(within milliseconds: Int) -> [Item] {
        let waits = state.withLock { $0.messages.isEmpty && !$0.isConnected && !$0.isFileNew && !$0.isClosed }
        if waits { wakeup.wait(milliseconds: milliseconds) }
        return state.withLock { state -> [Item] in
            var taken: [Item] = []
            if state.isFileNew { taken.append(.file) }
            if state.isConnected { taken.append(.connected) }
            state.isFileNew = false
            state.isConnected = false
            taken += state.messages.prefix(Self.messagesATurn)
            state.messages.removeFirst(min(Self.messagesATurn, state.messages.count))
            for case .message(_, let payload, _) in taken { state.bytes -= payload.count }
            return taken
        }
    }
}
