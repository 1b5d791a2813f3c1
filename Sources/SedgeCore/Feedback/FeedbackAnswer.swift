/// What became of a feedback: the payload of `feedback-ack/<stream>`, `docs/schema/feedback-ack.json`.
package struct FeedbackAnswer: Codable, Sendable, Equatable {
    package enum Status: String, Codable, Sendable {
        /// Stored, and learned from.
        case accepted
        /// The feedback that it names no longer counts.
        case revoked
        /// Nothing was changed; `reason` says why.
        case rejected
    }

    package var v = 1
    /// Null where the payload had none that could be read.
    package var id: String?
    package var status: Status
    /// In a sentence: what follows from it, or why nothing does.
    package var reason: String

    package init(id: String?, _ status: Status, _ reason: String) {
        self.id = id
        self.status = status
        self.reason = reason
    }

    private enum CodingKeys: String, CodingKey { case v, id, status, reason }

    /// Every key is always there.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(v, forKey: .v)
        try container.encode(id, forKey: .id)
        try container.encode(status, forKey: .status)
        try container.encode(reason, forKey: .reason)
    }
}
