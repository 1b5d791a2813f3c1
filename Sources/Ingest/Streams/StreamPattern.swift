package import SedgeCore

/// A topic pattern that names streams: `plant/{stream}/sensors`.
///
/// `{stream}` stands for one whole level, whose text becomes the stream's id. `+` may stand for other levels and `#`
/// at the end, as in MQTT; what they match is ignored, so `+/pump/temp` merges all that come through it. A pattern
/// without `{stream}` names one stream, whose id is given.
package struct StreamPattern: Sendable, Equatable {
    private enum Level: Sendable, Equatable {
        case text([UInt8])
        case any
        case stream
        case rest
    }

    /// As it was written.
    package let text: String
    /// The MQTT filter to subscribe to: `plant/+/sensors`.
    package let filter: String
    /// The stream's id, of a pattern without `{stream}`.
    package let id: StreamID?
    private let levels: [Level]

    package init(_ text: String, id: StreamID? = nil) throws(StreamPatternError) {
        func refuse(_ reason: String) -> StreamPatternError { StreamPatternError(pattern: text, reason: reason) }
        guard !text.isEmpty else { throw refuse("is empty, expected a topic such as plant/{stream}/sensors") }
        guard text.utf8.count <= 65_535 else { throw refuse("has more than 65535 bytes, which MQTT does not carry") }
        guard !text.utf8.contains(0) else { throw refuse("holds a zero byte, which MQTT does not carry") }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts[0] != "$share" else { throw refuse("is a shared subscription, which would give a stream gaps") }
        var levels: [Level] = []
        for (index, part) in parts.enumerated() {
            switch part {
            case "{stream}": levels.append(.stream)
            case "+": levels.append(.any)
            case "#":
                guard index == parts.count - 1 else { throw refuse("has a # that is not its last level") }
                levels.append(.rest)
            default:
                guard !part.contains("+"), !part.contains("#") else {
                    throw refuse("has a + or # that is not a whole level: \"\(part)\"")
                }
                guard !part.contains("{"), !part.contains("}") else {
                    throw refuse("has \"\(part)\" where only {stream}, as a whole level, may have braces")
                }
                levels.append(.text(Array(part.utf8)))
            }
        }
        switch levels.count(where: { $0 == .stream }) {
        case 0: guard id != nil else { throw refuse("has no {stream} level, so the stream needs an id") }
        case 1: guard id == nil else { throw refuse("has a {stream} level, so the stream can have no id of its own") }
        default: throw refuse("has more than one {stream} level")
        }
        self.text = text
        self.id = id
        self.levels = levels
        filter = parts.map { $0 == "{stream}" ? "+" : $0 }.joined(separator: "/")
    }

    /// The bytes of `topic` that name the stream, none for a pattern with an id; nil where the topic does not match.
    /// Allocates nothing.
    package func match(_ topic: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        // Wildcards never match the broker's own topics (MQTT 5, 4.7.2).
        if topic.first == UInt8(ascii: "$"), case .text = levels[0] {
        } else if topic.first == UInt8(ascii: "$") {
            return nil
        }
        var name = UnsafeRawBufferPointer(start: nil, count: 0)
        var start = 0
        for level in levels {
            // `plant/#` matches `plant` too.
            if level == .rest { return name }
            guard start <= topic.count else { return nil }
            var end = start
            while end < topic.count, topic[end] != UInt8(ascii: "/") { end += 1 }
            let found = UnsafeRawBufferPointer(rebasing: topic[start..<end])
            switch level {
            case .text(let bytes): guard found.equals(bytes) else { return nil }
            case .stream: name = found
            case .any, .rest: break
            }
            start = end + 1
        }
        return start > topic.count ? name : nil
    }
}

/// A pattern that names no streams.
package struct StreamPatternError: Error, Equatable, Sendable, CustomStringConvertible {
    package let pattern: String
    package let reason: String
    package var description: String { "Topic \"\(pattern.prefix(200))\" \(reason)." }
}
