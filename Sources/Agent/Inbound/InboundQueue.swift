import SedgeCore
import Synchronization

/// Takes messages off the MQTT thread, which must never wait, and keeps them until the pipeline comes.
///
/// Two buffers: one fills while the other is read. A full one drops the oldest of the busiest topic and counts it.
final class InboundQueue: Sendable {
    /// Signalled when something was put into an empty queue.
    let wakeup: Wakeup

    private struct State {
        var filling: MessageBuffer
        var received: UInt64 = 0
        var dropped: UInt64 = 0
    }
    private let state: Mutex<State>
    private let makeBuffer: @Sendable () -> MessageBuffer

    init(wakeup: Wakeup, byteLimit: Int = 4 << 20, recordLimit: Int = 32_768) {
        self.wakeup = wakeup
        makeBuffer = { MessageBuffer(byteLimit: byteLimit, recordLimit: recordLimit) }
        state = Mutex(State(filling: MessageBuffer(byteLimit: byteLimit, recordLimit: recordLimit)))
    }

    /// The buffer that the reader brings to its first `exchange`.
    func makeReaderBuffer() -> MessageBuffer { makeBuffer() }

    /// Copies a message; never blocks for longer than a copy, never fails.
    func push(
        topic: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer, arrival: Timestamp, isRetained: Bool
    ) {
        let wasEmpty = state.withLock { state in
            let wasEmpty = state.filling.isEmpty
            state.received += 1
            while !state.filling.append(topic: topic, payload: payload, arrival: arrival, isRetained: isRetained) {
                let dropped = state.filling.dropOldestOfBusiest()
                state.dropped += UInt64(max(1, dropped))
                // Empty and still no room: the message is larger than the buffer.
                if dropped == 0 { break }
            }
            return wasEmpty
        }
        if wasEmpty { wakeup.signal() }
    }

    /// Gives an emptied buffer and takes what has come since the last time.
    func exchange(_ buffer: MessageBuffer) -> MessageBuffer {
        buffer.removeAll()
        return state.withLock { state in
            let full = state.filling
            state.filling = buffer
            return full
        }
    }

    /// Messages waiting, and all that were received and dropped since the start.
    var counts: (waiting: Int, received: UInt64, dropped: UInt64) {
        state.withLock { ($0.filling.records.count, $0.received, $0.dropped) }
    }
}
