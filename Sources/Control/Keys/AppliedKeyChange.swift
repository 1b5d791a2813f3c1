/// A change of keys that was made, as it is remembered for reports: in a line of text, whose value is the version, so
/// that it can stand beside the versions that survive a lost database.
package struct AppliedKeyChange: Hashable, Sendable {
    package let scope: EnvelopeScope
    package let version: Int64
    package let digest: ContentDigest
    /// Counts a node's changes of all scopes; 0: not known.
    package let ordinal: Int
    /// Who signed it, and what it set going; nil: not known.
    package let key: KeyID?
    package let transaction: String?

    package init(_ header: EnvelopeHeader, ordinal: Int) {
        scope = header.scope
        version = header.version
        digest = header.digest
        self.ordinal = ordinal
        key = header.key
        transaction = header.transaction
    }

    /// What `text` wrote, or a line with no more than scope and digest; nil for anything else.
    package init?(text: String, version: Int64) {
        let words = text.split(separator: " ").map(String.init)
        guard words.count == 2 || words.count == 5, let scope = EnvelopeScope(words[0]),
            let digest = ContentDigest(words[1])
        else { return nil }
        self.scope = scope
        self.version = version
        self.digest = digest
        if words.count == 5 {
            ordinal = Int(words[2]) ?? 0
            key = KeyID(words[3])
            transaction = words[4]
        } else {
            ordinal = 0
            key = nil
            transaction = nil
        }
    }

    package var text: String { "\(scope) \(digest) \(ordinal) \(key.map { "\($0)" } ?? "-") \(transaction ?? "-")" }
}
