/// The keys that may change a node. A revoked key stays revoked, wherever else it stands.
package struct KeyRing: Hashable, Sendable {
    package private(set) var trusted: [KeyID: TrustedKey] = [:]
    package private(set) var revoked: Set<KeyID> = []

    /// - Parameters:
    ///   - file: of the configuration file.
    ///   - added: by messages.
    package init(file: [TrustedKey], added: [TrustedKey] = [], revoked: Set<KeyID> = []) {
        self.revoked = revoked
        for key in file + added where !revoked.contains(key.id) { trusted[key.id] = key }
    }

    package var isEmpty: Bool { trusted.isEmpty }

    /// The key of this name.
    package func key(_ id: KeyID) throws(Refusal) -> TrustedKey {
        if revoked.contains(id) { throw .revokedKey(id) }
        guard let key = trusted[id] else { throw .unknownKey(id) }
        return key
    }

    /// The ring after a change. It must leave a key, or nobody could ever change it again.
    package func applying(_ change: KeyChange) throws(Refusal) -> KeyRing {
        let revoked = revoked.union(change.revoke)
        let kept = KeyRing(file: Array(trusted.values), added: change.add, revoked: revoked)
        if let back = change.add.first(where: { revoked.contains($0.id) }) {
            throw .unusable("key \(back.id) is revoked and can not be added")
        }
        guard !kept.isEmpty else { throw .unusable("it would leave no trusted key") }
        return kept
    }
}
