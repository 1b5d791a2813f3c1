import Control
import SedgeCore
import Synchronization

/// What waits for remote control's thread. Bounded: whoever floods a node's `desired` topics fills this and no more.
final class ControlInbox: Sendable {
    enum Item: Sendable {
        case message(topic: String, payload: [UInt8])
        /// A broker is reached: whatever was reported before may not have arrived.
        case connected
        /// The file holds something else.
        case file
    }

    private struct State {
        var items: [Item] = []
        var bytes = 0
        var isClosed = false
        /// Messages for which there was no room, by where they came.
        var missed: [ControlTopics.Address: Int64] = [:]
    }

    private static let maximumItems = 4096
    private static let maximumBytes = 8 << 20

    private let state = Mutex(State())
    private let wakeup = Wakeup()

    /// False: there is no room.
    @discardableResult
    func push(_ item: Item) -> Bool {
        let size = if case .message(_, let payload) = item { payload.count } else { 0 }
        let isTaken = state.withLock { state in
            guard !state.isClosed, state.items.count < Self.maximumItems, state.bytes + size <= Self.maximumBytes
            else { return false }
            state.items.append(item)
            state.bytes += size
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

    func close() {
        state.withLock { $0.isClosed = true }
        wakeup.signal()
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// All that waits, after a while at most.
    func take(within milliseconds: Int) -> [Item] {
        if state.withLock({ $0.items.isEmpty && !$0.isClosed }) { wakeup.wait(milliseconds: milliseconds) }
        return state.withLock { state in
            defer {
                state.items = []
                state.bytes = 0
            }
            return state.items
        }
    }
}
