import Messaging
import SedgeCore
import Store
import Synchronization

/// Keeps what the broker retains for this node true: availability, discovery, and nothing of what is gone.
final class Announcer: Sendable {
    private let brokers: Brokers
    private let discovery: HomeAssistantDiscovery?
    private let topics: Topics
    private let writer: StoreWriter
    private let state: Mutex<State>

    private struct State {
        /// What earlier configurations left at the broker; empty once it is cleared.
        var leftovers: Leftovers
        /// The part of it that the last announcement cleared, which no broker has acknowledged yet.
        var sent = Leftovers()
        /// Whether models can be sent to this node.
        var takesModels = false
        /// The version of a model that lies ready for `model/apply`.
        var offered: Int64?
    }

    struct Leftovers: Equatable {
        /// Streams that are in no pattern any more: to be forgotten when their topics are cleared.
        var streams: [StreamID] = []
        /// Retained topics that nobody writes any more.
        var topics: [String] = []

        mutating func remove(_ other: Leftovers) {
            streams.removeAll { other.streams.contains($0) }
            topics.removeAll { other.topics.contains($0) }
        }
    }

    init(
        brokers: Brokers, topics: Topics, discovery: HomeAssistantDiscovery?, writer: StoreWriter,
        leftovers: Leftovers
    ) {
        self.brokers = brokers
        self.topics = topics
        self.discovery = discovery
        self.writer = writer
        state = Mutex(State(leftovers: leftovers))
    }

    /// A reload took these streams out: the next announcement clears what they left.
    func departed(_ streams: [StreamID]) {
        state.withLock { state in
            state.leftovers.streams += streams.filter { !state.leftovers.streams.contains($0) }
            let topics = streams.flatMap { self.topics.retained($0) }
            state.leftovers.topics += topics.filter { !state.leftovers.topics.contains($0) }
        }
    }

    /// These streams are there, whatever was to be cleared of them.
    func arrived(_ streams: [StreamID]) {
        let topics = streams.flatMap { self.topics.retained($0) }
        state.withLock { state in
            state.leftovers.remove(Leftovers(streams: streams, topics: topics))
            state.sent.remove(Leftovers(streams: streams, topics: topics))
        }
    }

    /// Whether models can be sent from now on. Returns whether that is news.
    func takesModels(_ isSo: Bool) -> Bool {
        state.withLock { state in
            defer { state.takesModels = isSo }
            return state.takesModels != isSo
        }
    }

    /// A model lies ready, or none. Whether that is news.
    func offer(_ version: Int64?) -> Bool {
        state.withLock { state in
            defer { state.offered = version }
            return state.offered != version
        }
    }

    /// Discovery first, so that no entity sees a state before it is known. False: not all was taken, try again.
    func announce(_ streams: [HomeAssistantDiscovery.Stream]) -> Bool {
        let state = state.withLock { state in
            state.sent = state.leftovers
            return state
        }
        let gone = state.leftovers
        if let discovery {
            let payload = discovery.payload(
                streams: streams, removed: gone.streams, takesModels: state.takesModels, offered: state.offered)
            guard brokers.publish(topic: discovery.topic, payload: payload, retain: true) else { return false }
        }
        for topic in gone.topics {
            // Messages of one connection arrive in order, so the last acknowledgement stands for all.
            let token = topic == gone.topics.last ? Self.clearedToken : nil
            guard brokers.publish(topic: topic, payload: [], retain: true, token: token) else { return false }
        }
        return brokers.publish(topic: topics.availability, payload: Topics.online, retain: true)
    }

    /// An acknowledgement; false when its token is not one of ours.
    func acknowledged(_ token: Int64) -> Bool {
        guard token == Self.clearedToken else { return false }
        let nodeTopics = NodeTopics.current(topics, discovery)
        state.withLock { state in
            let gone = state.sent
            state.leftovers.remove(gone)
            state.sent = Leftovers()
            // Queued under the lock, so that it comes before whatever a stream that arrives saves of itself.
            writer.perform { store in
                // If it fails, they are cleared once more after the next start.
                for stream in gone.streams { try? store.removeStream(stream) }
                try? NodeTopics.save(nodeTopics, in: store)
            }
        }
        return true
    }

    /// Insights' tokens are their `seq`, above 0.
    private static let clearedToken: Int64 = -1
}
