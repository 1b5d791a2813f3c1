import SedgeCore
import Testing

@testable import Agent

@Suite struct InboundQueueTests {
    private func push(_ queue: InboundQueue, _ topic: String, _ payload: String) {
        Array(topic.utf8).withUnsafeBytes { topic in
            Array(payload.utf8).withUnsafeBytes { payload in
                queue.push(
                    topic: topic, payload: payload, arrival: Timestamp(milliseconds: 1), isRetained: false)
            }
        }
    }

    private func drain(_ queue: InboundQueue) -> [String] {
        let buffer = queue.exchange(queue.makeReaderBuffer())
        return buffer.records.map { record in
            String(decoding: buffer.topic(of: record), as: UTF8.self) + "="
                + String(decoding: buffer.payload(of: record), as: UTF8.self)
        }
    }

    @Test func givesMessagesInTheOrderOfArrival() {
        let queue = InboundQueue(wakeup: Wakeup())
        for index in 0..<5 { push(queue, "t\(index % 2)", "\(index)") }
        #expect(drain(queue) == ["t0=0", "t1=1", "t0=2", "t1=3", "t0=4"])
        #expect(drain(queue).isEmpty)
    }

    @Test func aFullQueueDropsTheOldestOfTheBusiest() {
        let queue = InboundQueue(wakeup: Wakeup(), byteLimit: 1000, recordLimit: 8)
        push(queue, "quiet", "first")
        for index in 0..<7 { push(queue, "busy", "\(index)") }
        push(queue, "quiet", "last")
        let kept = drain(queue)
        #expect(kept.first == "quiet=first")
        #expect(kept.last == "quiet=last")
        #expect(kept.dropFirst().dropLast() == ["busy=4", "busy=5", "busy=6"])
        #expect(queue.counts.dropped == 4)
        #expect(queue.counts.received == 9)
    }

    @Test func aMessageLargerThanTheQueueIsDroppedAlone() {
        let queue = InboundQueue(wakeup: Wakeup(), byteLimit: 100, recordLimit: 8)
        push(queue, "a", "x")
        push(queue, "b", String(repeating: "y", count: 200))
        push(queue, "a", "z")
        #expect(queue.counts.received == 3)
        #expect(drain(queue).last == "a=z")
    }

    @Test func everyMessageIsKeptOrCounted() {
        let queue = InboundQueue(wakeup: Wakeup(), byteLimit: 4096, recordLimit: 64)
        var random = SeededRandom(seed: 3)
        var kept = 0
        for index in 0..<5000 {
            push(queue, "t\(random.next() % 5)", String(repeating: "x", count: Int(random.next() % 200)))
            if index % 97 == 0 { kept += drain(queue).count }
        }
        kept += drain(queue).count
        #expect(UInt64(kept) + queue.counts.dropped == 5000)
    }
}
