/// A bounded map from a topic's bytes to a stream's place: open addressing, all bytes in one array.
struct TopicIndex: Sendable {
    private struct Entry {
        var hash: UInt64
        var offset: Int
        var length: Int
        var stream: Int
    }

    /// Topics that are remembered at most; later ones are found by their patterns.
    private let capacity: Int
    /// Bytes of topics that are remembered at most.
    private let byteCapacity = 1 << 18
    private var entries: [Entry] = []
    private var bytes: [UInt8] = []
    /// Places in `entries`, plus one; 0 is free. At least twice as many as entries.
    private var slots: [Int32]

    init(capacity: Int) {
        self.capacity = capacity
        var size = 16
        while size < capacity * 2 { size *= 2 }
        slots = [Int32](repeating: 0, count: size)
    }

    func find(_ topic: UnsafeRawBufferPointer) -> Int? {
        let hash = Self.hash(topic)
        let entry = slots[slot(of: topic, hash)]
        return entry == 0 ? nil : entries[Int(entry) - 1].stream
    }

    /// Remembers a topic that is not there, if there is room.
    mutating func insert(_ topic: UnsafeRawBufferPointer, stream: Int) {
        guard entries.count < capacity, bytes.count + topic.count <= byteCapacity else { return }
        let hash = Self.hash(topic)
        let slot = self.slot(of: topic, hash)
        guard slots[slot] == 0 else { return }
        entries.append(Entry(hash: hash, offset: bytes.count, length: topic.count, stream: stream))
        bytes.append(contentsOf: topic)
        slots[slot] = Int32(entries.count)
    }

    /// The slot of this topic, or the free one that it would take.
    private func slot(of topic: UnsafeRawBufferPointer, _ hash: UInt64) -> Int {
        var slot = Int(hash >> 20) & (slots.count - 1)
        while slots[slot] != 0 {
            let entry = entries[Int(slots[slot]) - 1]
            if entry.hash == hash, entry.length == topic.count {
                let isSame = bytes.withUnsafeBytes {
                    topic.equals(UnsafeRawBufferPointer(rebasing: $0[entry.offset..<entry.offset + entry.length]))
                }
                if isSame { return slot }
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return slot
    }

    /// FNV-1a. Not keyed: the table is small, so topics made to collide cost little.
    private static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash
    }
}
