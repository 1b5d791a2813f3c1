package import SedgeCore

/// All of an envelope but payload and signature. Every field is signed.
package struct EnvelopeHeader: Hashable, Sendable {
    package var kind: EnvelopeKind
    package var scope: EnvelopeScope
    /// Grows with every envelope of a scope; 1 to 2^53 − 1, exact in any JSON reader.
    package var version: Int64
    /// Nodes of the scope that it is for; nil: all of them. The others wait for a later one.
    package var only: [NodeID]?
    package var notBefore: Timestamp?
    package var expires: Timestamp?
    /// Of a bundle: starts when it is asked to, by `model/apply`, and not by itself.
    package var waits = false
    package var digest: ContentDigest
    /// Who signed.
    package var key: KeyID

    package static let versions: ClosedRange<Int64> = 1...(1 << 53 - 1)
    /// Most nodes that `only` may name.
    package static let maximumNodes = 4096

    package init(kind: EnvelopeKind, scope: EnvelopeScope, version: Int64, digest: ContentDigest, key: KeyID) {
        self.kind = kind
        self.scope = scope
        self.version = version
        self.digest = digest
        self.key = key
    }

    /// The header as one line: DSSE's payload type. Fields in fixed order, each always there, so that two headers
    /// never give the same line.
    package var signedType: String {
        func text(_ time: Timestamp?) -> String { time.map { "\($0.milliseconds)" } ?? "-" }
        return [
            "application/vnd.sedge.\(kind.rawValue)", "v=1", "target=\(scope)", "version=\(version)",
            "only=\(only.map { $0.map(\.description).joined(separator: ",") } ?? "-")",
            "not_before=\(text(notBefore))", "expires=\(text(expires))", "start=\(waits ? "asked" : "now")",
            "digest=\(digest)", "key=\(key)",
        ].joined(separator: ";")
    }

    /// Names what an envelope sets going, the same wherever it arrives: a checksum of what is signed.
    package var transaction: String { String(ContentDigest(of: Array(signedType.utf8)).hexadecimal.prefix(16)) }
}
