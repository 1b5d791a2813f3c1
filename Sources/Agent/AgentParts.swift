import Messaging
import Store
import Synchronization

/// What the loop and the MQTT handlers share.
final class AgentParts: Sendable {
    /// The broker that insights go to.
    let client: MQTTClient
    /// The broker that samples come from, where it is another.
    let input: MQTTClient?
    let topics: Topics
    let writer: StoreWriter
    let sender: InsightSender
    let outlet: AgentOutlet
    let announcer: Announcer
    let notifier: SystemNotifier
    /// Set by the client's thread when a connection is new, or Home Assistant is.
    let needsAnnouncement: Atomic<Bool>

    init(
        client: MQTTClient, input: MQTTClient?, topics: Topics, writer: StoreWriter, sender: InsightSender,
        outlet: AgentOutlet,
        announcer: Announcer, notifier: SystemNotifier
    ) {
        self.client = client
        self.input = input
        self.topics = topics
        self.writer = writer
        self.sender = sender
        self.outlet = outlet
        self.announcer = announcer
        self.notifier = notifier
        needsAnnouncement = Atomic(false)
    }
}
