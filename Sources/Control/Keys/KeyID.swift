/// Names a public key: the first 16 hexadecimal digits of its SHA-256.
package struct KeyID: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let description: String

    package init?(_ text: String) {
        // A digest's own rules, for a quarter of one.
        guard text.utf8.count == 16, ContentDigest("sha256:" + text + text + text + text) != nil else { return nil }
        description = text
    }

    init(of publicKey: [UInt8]) { description = String(ContentDigest(of: publicKey).hexadecimal.prefix(16)) }

    package static func < (left: Self, right: Self) -> Bool { left.description < right.description }
}
