import Crypto
import SedgeCore

/// SHA-256 of some bytes; written `sha256:` and 64 digits.
package struct ContentDigest: Hashable, Sendable, CustomStringConvertible {
    /// 64 hexadecimal digits, lower case.
    package let hexadecimal: String

    package init(of bytes: [UInt8]) {
        hexadecimal = SHA256.hash(data: bytes).map(\.hexadecimal).joined()
    }

    /// Nil unless it is written in the one way there is.
    package init?(_ text: String) {
        guard text.hasPrefix(Self.prefix) else { return nil }
        let digits = text.utf8.dropFirst(Self.prefix.utf8.count)
        guard digits.count == 64, digits.allSatisfy(Self.isDigit) else { return nil }
        hexadecimal = String(decoding: digits, as: UTF8.self)
    }

    package var description: String { Self.prefix + hexadecimal }
    /// Enough to tell one from another in a table.
    package var short: String { String(hexadecimal.prefix(8)) }

    private static let prefix = "sha256:"

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
