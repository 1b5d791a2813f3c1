package import SedgeCore

/// Something that the node was sent, and how far it came. Words are those of its module.
package struct StoredRollout: Sendable, Equatable {
    /// Which of the two tables.
    package enum Kind: String, Sendable, CaseIterable {
        case configurations, models
    }

    package var target: String
    package var version: Int64
    package var digest: String
    /// JSON.
    package var header: String
    package var payload: [UInt8]
    package var state: String
    package var reason: String?
    package var attempts: Int
    package var receivedAt: Timestamp
    package var changedAt: Timestamp

    package init(
        target: String, version: Int64, digest: String, header: String, payload: [UInt8], state: String,
        reason: String? = nil, attempts: Int = 0, at time: Timestamp
    ) {
        self.target = target
        self.version = version
        self.digest = digest
        self.header = header
        self.payload = payload
        self.state = state
        self.reason = reason
        self.attempts = attempts
        receivedAt = time
        changedAt = time
    }
}
