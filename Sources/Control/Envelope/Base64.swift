import FoundationEssentials

/// Base64 (RFC 4648 §4), read strictly: one text for each sequence of bytes, so that no bit of it is idle.
package enum Base64 {
    package static func encode(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

    /// Nil for other alphabets, spaces, missing padding, and for bits that decode to nothing.
    package static func decode(_ text: String) -> [UInt8]? {
        guard let data = Data(base64Encoded: text), data.base64EncodedString() == text else { return nil }
        return Array(data)
    }
}
