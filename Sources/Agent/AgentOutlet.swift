import Messaging
import SedgeCore
import Store
import Synchronization

/// Takes the pipeline's results to the broker and the store.
final class AgentOutlet: PipelineOutlet {
    private let brokers: Brokers
    private let topics: Topics
    private let sender: InsightSender
    private let isSynced = Atomic(true)
    /// Streams came or went: Home Assistant must be told.
    let needsDiscovery = Atomic(false)

    init(brokers: Brokers, topics: Topics, sender: InsightSender) {
        self.brokers = brokers
        self.topics = topics
        self.sender = sender
    }

    var clockQuality: ClockQuality { isSynced.load(ordering: .relaxed) ? .synced : .unsynced }

    func checkClock(now: Timestamp) {
        isSynced.store(ClockQuality.ofSystem(now: now) == .synced, ordering: .relaxed)
    }

    /// States are superseded, insights are not: however many states come, insights find room.
    private static let roomForInsights = 500

    func publish(_ status: StreamStatus, of stream: StreamID) -> Bool {
        guard brokers.isConnected else { return false }
        return brokers.publish(
            topic: topics.state(stream), payload: PayloadJSON.encode(status), retain: true,
            reserve: Self.roomForInsights)
    }

    func submit(_ insights: [Insight], _ checkpoint: Checkpoint?) { sender.submit(insights, checkpoint) }

    func streamAdded(_ stream: StreamID, topic: String) {
        needsDiscovery.store(true, ordering: .releasing)
    }
}
