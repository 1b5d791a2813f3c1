package import SedgeCore

/// A feedback as it was accepted, with the steps that it is about: all that is needed to learn from it again.
package struct StoredFeedback: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case normal, anomaly, label
    }

    package var stream: StreamID
    package var id: String
    package var receivedAt: Timestamp
    package var kind: Kind
    /// The insight that a verdict is about; nil for a time span.
    package var insight: String?
    /// The label; nil for a verdict.
    package var name: String?
    package var span: TimeSpan
    /// The learned state that covers most of it, where one does.
    package var state: String?
    /// The bundle whose embeddings the examples are.
    package var model: String
    /// The id of the feedback that took it back.
    package var revokedBy: String?
    /// As `ExampleSet` writes them; empty once revoked.
    package var examples: [UInt8]

    package init(
        stream: StreamID, id: String, receivedAt: Timestamp, kind: Kind, insight: String? = nil, name: String? = nil,
        span: TimeSpan, state: String? = nil, model: String, examples: [UInt8]
    ) {
        self.stream = stream
        self.id = id
        self.receivedAt = receivedAt
        self.kind = kind
        self.insight = insight
        self.name = name
        self.span = span
        self.state = state
        self.model = model
        self.examples = examples
    }

    /// What may go when there is too much: verdicts, of which the newest count, and what was taken back.
    package var isPassing: Bool { kind != .label || revokedBy != nil }
}

/// When something that the agent told of was, as its latest message has it.
package struct InsightSpan: Sendable, Equatable {
    package var id: String
    package var start: Timestamp
    /// Nil while it goes on.
    package var end: Timestamp?
}
