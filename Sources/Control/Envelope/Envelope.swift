import Crypto

/// A signed message to a node: header, payload, and an Ed25519 signature over both.
///
/// Having one says nothing yet: `EnvelopeGate` decides whether it may change anything.
package struct Envelope: Hashable, Sendable {
    package let header: EnvelopeHeader
    /// As it was signed, byte for byte.
    package let payload: [UInt8]
    /// 64 bytes.
    package let signature: [UInt8]

    package init(header: EnvelopeHeader, payload: [UInt8], signature: [UInt8]) {
        self.header = header
        self.payload = payload
        self.signature = signature
    }

    /// The bytes that are signed: DSSE's pre-authentication encoding (secure-systems-lab/dsse, protocol.md), with
    /// the header as payload type. The lengths keep type and payload from being shifted into one another.
    package static func signedBytes(_ header: EnvelopeHeader, _ payload: [UInt8]) -> [UInt8] {
        let type = header.signedType
        return Array("DSSEv1 \(type.utf8.count) \(type) \(payload.count) ".utf8) + payload
    }

    /// Whether the signature is this key's.
    package func isSigned(by key: TrustedKey) -> Bool {
        key.verifies(signature, Self.signedBytes(header, payload))
    }
}
