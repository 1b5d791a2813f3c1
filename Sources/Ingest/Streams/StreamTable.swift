package import SedgeCore

/// Finds the stream of a topic, and enters the streams as they appear.
///
/// Of patterns that overlap the first that matches counts. A level with characters that no id can have is made one by
/// writing `_` for each bad byte (`pump 3` is the stream `pump_3`), since a stream that is refused for its name would
/// be invisible. An id belongs to the pattern and level that had it first: another level that would become the same id
/// is refused, since two machines mixed in one stream are worse than one that is reported missing.
///
/// A known topic costs a hash and a comparison, and no lookup allocates but the one that enters a stream or remembers
/// a topic. Both are bounded; topics that match nothing are matched anew each time and not remembered, so nobody can
/// fill the memory with them.
package struct StreamTable: Sendable {
    package struct Stream: Sendable, Equatable {
        package let id: StreamID
        /// Its place in `patterns`.
        package let pattern: Int
        /// The topic's level as it is; empty for a pattern with an id.
        fileprivate let name: [UInt8]
    }

    package let patterns: [StreamPattern]
    package let maximumStreams: Int
    /// In the order in which they appeared.
    package private(set) var streams: [Stream] = []
    private var topics: TopicIndex

    /// Streams that are kept at most.
    package static let limit = 256

    package init(patterns: [StreamPattern], maximumStreams: Int = limit, maximumTopics: Int = 1024) {
        self.patterns = patterns
        self.maximumStreams = maximumStreams
        topics = TopicIndex(capacity: maximumTopics)
    }

    package mutating func lookup(topic: UnsafeRawBufferPointer) -> StreamLookup {
        if let index = topics.find(topic) { return .known(index) }
        for (pattern, candidate) in patterns.enumerated() {
            guard let name = candidate.match(topic) else { continue }
            return enter(name, pattern: pattern, topic: topic)
        }
        return .unmatched
    }

    private mutating func enter(
        _ name: UnsafeRawBufferPointer, pattern: Int, topic: UnsafeRawBufferPointer
    ) -> StreamLookup {
        if let index = streams.firstIndex(where: { $0.pattern == pattern && name.equals($0.name) }) {
            topics.insert(topic, stream: index)
            return .known(index)
        }
        if patterns[pattern].id == nil {
            if name.isEmpty { return .refused(.emptyName) }
            if name.count > 64 { return .refused(.longName) }
        }
        guard streams.count < maximumStreams else { return .full(limit: maximumStreams) }
        let id = patterns[pattern].id ?? Self.id(of: name)
        guard !streams.contains(where: { $0.id == id }) else { return .refused(.takenName) }
        streams.append(Stream(id: id, pattern: pattern, name: Array(name)))
        topics.insert(topic, stream: streams.count - 1)
        return .new(index: streams.count - 1, pattern: pattern, id: id)
    }

    /// Of a name of 1 to 64 bytes.
    private static func id(of name: UnsafeRawBufferPointer) -> StreamID {
        let bytes = name.map { StreamID.isAllowed($0) ? $0 : UInt8(ascii: "_") }
        guard let id = try? StreamID(String(decoding: bytes, as: UTF8.self)) else {
            preconditionFailure("1 to 64 allowed bytes are an id")
        }
        return id
    }
}
