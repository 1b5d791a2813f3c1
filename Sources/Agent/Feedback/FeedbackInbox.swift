import SedgeCore
import Synchronization

/// Keeps what people say from the MQTT thread, which must never wait, until the pipeline's thread comes.
final class FeedbackInbox: Sendable {
    struct Message: Equatable {
        var stream: String
        var payload: [UInt8]
        /// Of the payload as it came; a longer one than can be read is not kept.
        var length: Int
        /// Kept by the broker since before the agent subscribed.
        var isRetained = false
    }

    private let prefix: [UInt8]
    private let wakeup: Wakeup
    private let state = Mutex<(messages: [Message], dropped: UInt64)>(([], 0))

    /// Messages that may wait: together they take no more than 4 MB.
    private static let limit = 1000

    /// - Parameter prefix: what a topic of feedback begins with; the stream follows.
    init(prefix: String, wakeup: Wakeup) {
        self.prefix = Array(prefix.utf8)
        self.wakeup = wakeup
    }

    /// Whether the message was feedback; false: it is somebody else's.
    func take(
        topic: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer, isRetained: Bool = false
    ) -> Bool {
        guard topic.starts(with: prefix) else { return false }
        let message = Message(
            stream: String(decoding: topic.dropFirst(prefix.count), as: UTF8.self),
            payload: payload.count > Feedback.payloadLimit ? [] : Array(payload), length: payload.count,
            isRetained: isRetained)
        state.withLock { state in
            guard state.messages.count < Self.limit else { return state.dropped += 1 }
            state.messages.append(message)
        }
        wakeup.signal()
        return true
    }

    /// The oldest message that waits.
    func next() -> Message? {
        state.withLock { $0.messages.isEmpty ? nil : $0.messages.removeFirst() }
    }

    var isEmpty: Bool { state.withLock { $0.messages.isEmpty } }

    /// Messages that found no room, since the last call.
    func takeDropped() -> UInt64 {
        state.withLock { state in
            defer { state.dropped = 0 }
            return state.dropped
        }
    }
}
