import Crypto

/// A private Ed25519 key. Whatever prints or mirrors it shows the public half's name.
package struct SigningKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let key: Curve25519.Signing.PrivateKey

    /// A new one.
    package init() { key = Curve25519.Signing.PrivateKey() }

    /// What `fileText` wrote; nil for anything else.
    package init?(fileText: String) {
        let line = fileText.split(whereSeparator: \.isNewline).first { !$0.hasPrefix("#") }
        guard let line, line.hasPrefix(Self.prefix),
            let seed = Base64.decode(String(line.dropFirst(Self.prefix.count))),
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed)
        else { return nil }
        self.key = key
    }

    /// For a file that its owner alone may read.
    package var fileText: String {
        """
        # Sedge signing key \(trusted.id). Whoever has this file can change every node that trusts it.
        \(Self.prefix)\(Base64.encode(Array(key.rawRepresentation)))

        """
    }

    private static let prefix = "ed25519-private:"

    /// The public half, for `control.trusted_keys`.
    package var trusted: TrustedKey { TrustedKey(key.publicKey) }

    /// Puts digest and key id into the header and signs.
    package func sign(
        _ payload: [UInt8], kind: EnvelopeKind, scope: EnvelopeScope, version: Int64,
        _ edit: (inout EnvelopeHeader) -> Void = { _ in }
    ) -> Envelope {
        var header = EnvelopeHeader(
            kind: kind, scope: scope, version: version, digest: ContentDigest(of: payload), key: trusted.id)
        edit(&header)
        return sign(header, payload)
    }

    package func sign(_ header: EnvelopeHeader, _ payload: [UInt8]) -> Envelope {
        do {
            let signature = try key.signature(for: Envelope.signedBytes(header, payload))
            return Envelope(header: header, payload: payload, signature: Array(signature))
        } catch {
            preconditionFailure("Ed25519 signs any message: \(error)")
        }
    }

    package var description: String { "private key \(trusted.id)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection()) }
}
