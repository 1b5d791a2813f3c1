@testable import sedge

/// Keeps what is published; full at first for as many tries as asked.
final class RecordingSink: MessageSink {
    struct Message: Equatable {
        let topic: String
        let payload: String
        let isLast: Bool
    }
    private(set) var messages: [Message] = []
    /// After so many messages it says that it was interrupted.
    let capacity: Int

    init(capacity: Int = .max) { self.capacity = capacity }

    func publish(topic: String, payload: [UInt8], isLast: Bool) -> Bool {
        guard messages.count < capacity else { return false }
        messages.append(.init(topic: topic, payload: String(decoding: payload, as: UTF8.self), isLast: isLast))
        return true
    }
}
