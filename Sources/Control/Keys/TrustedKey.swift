import Crypto

/// A public Ed25519 key (RFC 8032), written `ed25519:` and 44 characters of base64.
package struct TrustedKey: Hashable, Sendable, CustomStringConvertible {
    /// 32 bytes.
    package let bytes: [UInt8]

    package static let prefix = "ed25519:"

    /// Nil unless it is a key.
    package init?(_ text: String) {
        guard text.hasPrefix(Self.prefix), let bytes = Base64.decode(String(text.dropFirst(Self.prefix.count))),
            (try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)) != nil
        else { return nil }
        self.bytes = bytes
    }

    init(_ key: Curve25519.Signing.PublicKey) { bytes = Array(key.rawRepresentation) }

    package var id: KeyID { KeyID(of: bytes) }
    package var description: String { Self.prefix + Base64.encode(bytes) }

    func verifies(_ signature: [UInt8], _ message: [UInt8]) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes) else { return false }
        return key.isValidSignature(signature, for: message)
    }
}
