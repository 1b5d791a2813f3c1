package import SedgeCore

/// A message that was accepted or refused, or several of one kind that were refused.
package struct AuditEntry: Sendable, Equatable {
    /// Of the last one.
    package var at: Timestamp
    package var subject: String
    package var target: String
    package var version: Int64?
    package var digest: String?
    package var key: String?
    package var accepted: Bool
    package var reason: String
    /// Messages that it stands for.
    package var count: Int64
    /// Of the first one; nil: there is but one.
    package var since: Timestamp?

    package init(
        at: Timestamp, subject: String, target: String, version: Int64? = nil, digest: String? = nil,
        key: String? = nil, accepted: Bool, reason: String, count: Int64 = 1, since: Timestamp? = nil
    ) {
        self.at = at
        self.subject = subject
        self.target = target
        self.version = version
        self.digest = digest
        self.key = key
        self.accepted = accepted
        self.reason = reason
        self.count = count
        self.since = since
    }
}
