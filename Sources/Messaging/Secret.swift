/// A text that must not be seen: whatever prints, logs or mirrors it shows "•••".
package struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let text: String

    package init(_ text: String) { self.text = text }

    /// What a file holds; line ends behind it, which editors make and nobody means, do not count.
    package init(file bytes: [UInt8]) {
        let end = bytes.lastIndex { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        self.init(String(decoding: bytes[..<(end.map { $0 + 1 } ?? 0)], as: UTF8.self))
    }

    package var isEmpty: Bool { text.isEmpty }

    /// The text itself, for the one call that needs it.
    package func reveal() -> String { text }

    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection()) }
}
