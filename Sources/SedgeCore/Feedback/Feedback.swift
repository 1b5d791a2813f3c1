/// What a person tells the agent about a stream: the payload of `feedback/<stream>`, `docs/schema/feedback.json`.
package struct Feedback: Sendable, Equatable {
    /// Given by whoever sends it: the answer carries it, and the same one a second time changes nothing.
    package let id: String
    package let content: Content

    package enum Content: Sendable, Equatable {
        case verdict(FeedbackVerdict, FeedbackSubject)
        case label(String, TimeSpan)
        /// Takes back the feedback of this id.
        case revocation(of: String)
    }

    package init(id: String, content: Content) {
        self.id = id
        self.content = content
    }
}

/// Whether what the agent told of, or kept quiet about, was as it should be.
package enum FeedbackVerdict: String, Codable, Sendable, CaseIterable, CaseListing {
    case normal, anomaly
}

/// What a verdict is about.
package enum FeedbackSubject: Sendable, Equatable {
    /// The stream's latest anomaly.
    case lastInsight
    case insight(String)
    case span(TimeSpan)
}

/// Event time from one moment to another, both included.
package struct TimeSpan: Sendable, Equatable, Hashable {
    package var from: Timestamp
    package var to: Timestamp

    package init(from: Timestamp, to: Timestamp) {
        self.from = from
        self.to = to
    }

    package func contains(_ time: Timestamp) -> Bool { from <= time && time <= to }
    package func overlaps(_ other: TimeSpan) -> Bool { from <= other.to && other.from <= to }
}
