import SedgeCore

/// Messages one after the other in one block of memory, oldest first.
///
/// Invariants: records lie in the order of arrival; a record's payload follows its topic; `padding` readable bytes
/// follow the last payload, since the JSON parser reads past the end.
///
/// `@unchecked Sendable`: one side owns a buffer at a time; `InboundQueue` hands it over under its lock.
final class MessageBuffer: @unchecked Sendable {
    struct Record {
        var offset: Int
        var topicLength: Int
        var payloadLength: Int
        var arrival: Timestamp
        var isRetained: Bool

        fileprivate var length: Int { topicLength + payloadLength }
    }

    /// What simdjson may read behind a payload.
    static let padding = 64

    private(set) var records: [Record] = []
    private let storage: UnsafeMutableRawBufferPointer
    private let recordLimit: Int
    private var used = 0

    init(byteLimit: Int, recordLimit: Int) {
        storage = .allocate(byteCount: byteLimit + Self.padding, alignment: 16)
        self.recordLimit = recordLimit
        records.reserveCapacity(recordLimit)
    }

    deinit { storage.deallocate() }

    var isEmpty: Bool { records.isEmpty }

    /// False when there is no room; then nothing is changed.
    func append(
        topic: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer, arrival: Timestamp, isRetained: Bool
    ) -> Bool {
        let length = topic.count + payload.count
        guard records.count < recordLimit, used + length + Self.padding <= storage.count else { return false }
        UnsafeMutableRawBufferPointer(rebasing: storage[used...]).copyMemory(from: topic)
        UnsafeMutableRawBufferPointer(rebasing: storage[(used + topic.count)...]).copyMemory(from: payload)
        records.append(
            Record(
                offset: used, topicLength: topic.count, payloadLength: payload.count, arrival: arrival,
                isRetained: isRetained))
        used += length
        return true
    }

    func topic(of record: Record) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: storage[record.offset..<record.offset + record.topicLength])
    }

    func payload(of record: Record) -> UnsafeRawBufferPointer {
        let start = record.offset + record.topicLength
        return UnsafeRawBufferPointer(rebasing: storage[start..<start + record.payloadLength])
    }

    func removeAll() {
        records.removeAll(keepingCapacity: true)
        used = 0
    }

    /// Drops the oldest half of the messages of the topic that has most bytes here; returns how many.
    ///
    /// Half at a time, so that a flood costs one pass over the buffer for many messages and not for each. Where that
    /// frees less than a sixteenth, since the flood comes on many topics, the next busiest ones follow.
    func dropOldestOfBusiest() -> Int {
        let topics = records.map(hash)
        var shares: [Int: (messages: Int, bytes: Int)] = [:]
        var all = 0
        for (record, topic) in zip(records, topics) {
            let bytes = record.length + MemoryLayout<Record>.stride
            shares[topic, default: (0, 0)].messages += 1
            shares[topic]!.bytes += bytes
            all += bytes
        }
        var toDrop: [Int: Int] = [:]
        var freed = 0
        for (topic, share) in shares.sorted(by: { $0.value.bytes > $1.value.bytes }) {
            toDrop[topic] = (share.messages + 1) / 2
            freed += share.bytes / 2
            if freed >= all / 16 { break }
        }
        return drop(toDrop, topics)
    }

    /// Drops so many of the oldest messages of each topic, and moves the rest together.
    private func drop(_ counts: [Int: Int], _ topics: [Int]) -> Int {
        var left = counts
        let before = records.count
        var index = -1
        records.removeAll { _ in
            index += 1
            guard let count = left[topics[index]], count > 0 else { return false }
            left[topics[index]] = count - 1
            return true
        }
        used = 0
        for index in records.indices {
            let record = records[index]
            let source = UnsafeRawBufferPointer(rebasing: storage[record.offset..<record.offset + record.length])
            UnsafeMutableRawBufferPointer(rebasing: storage[used...]).copyMemory(from: source)
            records[index].offset = used
            used += record.length
        }
        return before - records.count
    }

    private func hash(_ record: Record) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: topic(of: record))
        return hasher.finalize()
    }
}
