/// A name that may stand as one level of an MQTT topic: `[A-Za-z0-9_-]`, 1 to 64 characters.
///
/// The tag keeps a node's name from being passed where a stream's is wanted.
package struct Identifier<Tag>: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let description: String

    package init(_ text: String) throws(IdentifierError) {
        guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy(Self.isAllowed) else {
            throw IdentifierError(found: text)
        }
        description = text
    }

    /// Whether one byte of UTF-8 may stand in an identifier.
    package static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    package static func < (left: Self, right: Self) -> Bool { left.description < right.description }
}

package enum NodeTag {}
package enum StreamTag {}

/// The gateway's name, `<node>` in every topic.
package typealias NodeID = Identifier<NodeTag>
/// A stream's name, `<stream>` in every topic.
package typealias StreamID = Identifier<StreamTag>

extension Identifier: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        do {
            try self.init(text)
        } catch {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// A text that can not be a topic level.
package struct IdentifierError: Error, CustomStringConvertible, Equatable {
    package let found: String
    package var description: String {
        "found \"\(found.prefix(80))\", expected 1 to 64 characters of A-Z a-z 0-9 _ -"
    }
}
