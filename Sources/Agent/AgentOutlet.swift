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
    /// Home Assistant must be told something.
    let needsDiscovery = Atomic(false)
    /// Streams came: it must be told of them soon.
    let hasArrivals = Atomic(false)

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
        // A state that is not taken is due again at once: it is put into words only when there is room.
        guard brokers.hasRoom(reserve: Self.roomForInsights) else { return false }
        return brokers.publish(
            topic: topics.state(stream), payload: PayloadJSON.encode(status), retain: true,
            reserve: Self.roomForInsights)
    }

    func submit(_ insights: [Insight], _ checkpoint: Checkpoint?) { sender.submit(insights, checkpoint) }

    func streamAdded(_ stream: StreamID, topic: String) {
        hasArrivals.store(true, ordering: .releasing)
    }
}
