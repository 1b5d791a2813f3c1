import Messaging
import Store
import Synchronization

/// What the loop and the MQTT handlers share.
final class AgentParts: Sendable {
    let brokers: Brokers
    let topics: Topics
    let writer: StoreWriter
    let sender: InsightSender
    let outlet: AgentOutlet
    let announcer: Announcer
    let notifier: SystemNotifier
    let feedback: FeedbackInbox
    /// What the pipeline's thread has seen so far, for others to look at.
    let gauges = Mutex(PipelineGauges())
    /// Set by the client's thread when a connection is new, or Home Assistant is.
    let needsAnnouncement: Atomic<Bool>
    /// Set every hour, until the encoder's state is saved.
    let needsLanes: Atomic<Bool>

    init(
        brokers: Brokers, topics: Topics, writer: StoreWriter, sender: InsightSender, outlet: AgentOutlet,
        announcer: Announcer, notifier: SystemNotifier, feedback: FeedbackInbox
    ) {
        self.brokers = brokers
        self.topics = topics
        self.writer = writer
        self.sender = sender
        self.outlet = outlet
        self.announcer = announcer
        self.notifier = notifier
        self.feedback = feedback
        needsAnnouncement = Atomic(false)
        needsLanes = Atomic(false)
    }
}
