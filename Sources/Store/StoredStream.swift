package import SedgeCore

/// A stream the agent has seen, kept so that after a restart it still knows what it has published for it.
package struct StoredStream: Sendable, Equatable {
    package var id: StreamID
    /// The topic or pattern it came by.
    package var topic: String
    package var firstSeen: Timestamp
    package var lastSeen: Timestamp
    /// Retained topics published for it: to be cleared when it leaves the configuration.
    package var retainedTopics: [String]

    package init(
        id: StreamID, topic: String, firstSeen: Timestamp, lastSeen: Timestamp, retainedTopics: [String] = []
    ) {
        self.id = id
        self.topic = topic
        self.firstSeen = firstSeen
        self.lastSeen = lastSeen
        self.retainedTopics = retainedTopics
    }
}
