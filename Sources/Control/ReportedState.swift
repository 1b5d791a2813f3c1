package import SedgeCore

/// What a node says of what it was sent: the retained payload of `config/reported`, `model/reported` and
/// `keys/reported`; the JSON form is `docs/schema/reported.json`.
package struct ReportedState: Codable, Sendable, Hashable {
    package var v = 1
    package var ts: Timestamp
    /// `received`, `staged`, `canary`, `active`, `rejected` or `reverted`: of the latest that came.
    package var status: String
    /// Its version; null before the first, and where an envelope could not be read.
    package var version: Int64?
    package var digest: String?
    /// `node/<node>`, `group/<group>` or `all`.
    package var target: String?
    /// Why it was rejected or reverted, or waits, or its parts do not come.
    package var reason: String?
    /// Names what an envelope set going; the sender can compute it.
    package var transaction: String?
    /// Who signed it.
    package var key: String?
    /// Share of a bundle's parts that are there, while they come.
    package var progress: Double?
    /// What is in force, version by target.
    package var active: [String: Int64]
    /// Of a model: the bundle in force, and the one that lies ready for `model/apply`.
    package var installed: String?
    package var available: String?
    package var availableVersion: Int64?
    /// The groups that the node is in.
    package var groups: [String]
    /// Of keys: the names of those that are trusted.
    package var trusted: [String]?

    package init(ts: Timestamp, status: String, active: [String: Int64], groups: [String]) {
        self.ts = ts
        self.status = status
        self.active = active
        self.groups = groups
    }

    private enum CodingKeys: String, CodingKey {
        case v, ts, status, version, digest, target, reason, transaction, key, progress, active, installed, available
        case availableVersion = "available_version"
        case groups, trusted
    }

    /// What every report has is always there, so templates never miss a key; what only some have is left out.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(v, forKey: .v)
        try container.encode(ts, forKey: .ts)
        try container.encode(status, forKey: .status)
        try container.encode(version, forKey: .version)
        try container.encode(digest, forKey: .digest)
        try container.encode(target, forKey: .target)
        try container.encode(reason, forKey: .reason)
        try container.encode(transaction, forKey: .transaction)
        try container.encode(key, forKey: .key)
        try container.encodeIfPresent(progress, forKey: .progress)
        try container.encode(active, forKey: .active)
        try container.encodeIfPresent(installed, forKey: .installed)
        try container.encodeIfPresent(available, forKey: .available)
        try container.encodeIfPresent(availableVersion, forKey: .availableVersion)
        try container.encode(groups, forKey: .groups)
        try container.encodeIfPresent(trusted, forKey: .trusted)
    }

    /// Says of a header what is known of an envelope.
    package mutating func describe(_ header: EnvelopeHeader) {
        version = header.version
        digest = "\(header.digest)"
        target = "\(header.scope)"
        transaction = header.transaction
        key = "\(header.key)"
    }

    /// Says of a change of keys what is remembered of it.
    package mutating func describe(_ change: AppliedKeyChange) {
        version = change.version
        digest = "\(change.digest)"
        target = "\(change.scope)"
        transaction = change.transaction
        key = change.key.map { "\($0)" }
    }
}
