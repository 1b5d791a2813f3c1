import Messaging
import SedgeCore
import Store
import Synchronization

/// Keeps what the broker retains for this node true: availability, discovery, and nothing of what is gone.
final class Announcer: Sendable {
    private let client: MQTTClient
    private let discovery: HomeAssistantDiscovery?
    private let topics: Topics
    private let writer: StoreWriter
    /// What an earlier configuration left at the broker; empty once it is cleared.
    private let leftovers: Mutex<Leftovers>

    struct Leftovers: Equatable {
        /// Streams that are in no pattern any more: to be forgotten when their topics are cleared.
        var streams: [StreamID] = []
        /// Retained topics that nobody writes any more.
        var topics: [String] = []
    }

    init(
        client: MQTTClient, topics: Topics, discovery: HomeAssistantDiscovery?, writer: StoreWriter,
        leftovers: Leftovers
    ) {
        self.client = client
        self.topics = topics
        self.discovery = discovery
        self.writer = writer
        self.leftovers = Mutex(leftovers)
    }

    /// Discovery first, so that no entity sees a state before it is known. False: not all was taken, try again.
    func announce(_ streams: [HomeAssistantDiscovery.Stream]) -> Bool {
        let gone = leftovers.withLock { $0 }
        if let discovery {
            let payload = discovery.payload(streams: streams, removed: gone.streams)
            guard client.publish(topic: discovery.topic, payload: payload, qos: 1, retain: true) else { return false }
        }
        for topic in gone.topics {
            // Messages of one connection arrive in order, so the last acknowledgement stands for all.
            let token = topic == gone.topics.last ? Self.clearedToken : nil
            guard client.publish(topic: topic, payload: [], qos: 1, retain: true, token: token) else { return false }
        }
        return client.publish(topic: topics.availability, payload: Topics.online, qos: 1, retain: true)
    }

    /// An acknowledgement; false when its token is not one of ours.
    func acknowledged(_ token: Int64) -> Bool {
        guard token == Self.clearedToken else { return false }
        let gone = leftovers.withLock { leftovers in
            defer { leftovers = Leftovers() }
            return leftovers
        }
        let nodeTopics = NodeTopics.current(topics, discovery)
        writer.perform { store in
            // If it fails, they are cleared once more after the next start.
            for stream in gone.streams { try? store.removeStream(stream) }
            try? NodeTopics.save(nodeTopics, in: store)
        }
        return true
    }

    /// Insights' tokens are their `seq`, above 0.
    private static let clearedToken: Int64 = -1
}
