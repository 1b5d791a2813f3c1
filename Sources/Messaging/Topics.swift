package import SedgeCore

/// Every topic of a node, built from the base topic, the node and the stream.
package struct Topics: Sendable, Equatable {
    /// `sedge` unless configured; may have levels of its own, but no wildcard.
    package let base: String
    package let node: NodeID

    package init(base: String = "sedge", node: NodeID) {
        self.base = base
        self.node = node
    }

    private var root: String { "\(base)/\(node)" }

    package var availability: String { "\(root)/availability" }
    package var health: String { "\(root)/health" }
    package func state(_ stream: StreamID) -> String { "\(root)/state/\(stream)" }

    package func insight(_ kind: InsightKind, _ stream: StreamID) -> String {
        "\(root)/insight/\(kind.rawValue)/\(stream)"
    }

    package func backfill(_ kind: InsightKind, _ stream: StreamID) -> String {
        "\(root)/backfill/\(kind.rawValue)/\(stream)"
    }

    /// Matches live insights of every kind of one stream.
    package func insights(_ stream: StreamID) -> String { "\(root)/insight/+/\(stream)" }

    /// Where people tell the agent something about a stream, and where it answers.
    package func feedback(_ stream: StreamID) -> String { "\(feedbackPrefix)\(stream)" }
    package func feedbackAnswer(_ stream: String) -> String { "\(root)/feedback-ack/\(stream)" }
    package var feedbackPrefix: String { "\(root)/feedback/" }
    package var feedbackFilter: String { "\(feedbackPrefix)+" }

    /// What a stream leaves on the broker; an empty retained message on each clears it.
    package func retained(_ stream: StreamID) -> [String] { [state(stream)] }

    /// What is published on `availability`; `offline` is also the will.
    package static let online = Array("online".utf8)
    package static let offline = Array("offline".utf8)
}
