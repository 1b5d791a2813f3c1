import Logging
import Messaging
import SedgeCore
import Synchronization

/// What the MQTT threads do with what they hear: copy, set a flag, pass on. Nothing here blocks.
final class MQTTRelay: Sendable {
    private let queue: InboundQueue
    private let feedback: FeedbackInbox
    private let wakeup: Wakeup
    private let log: Logger
    /// Made after the client that calls us; nil before and after.
    private let parts = Mutex<AgentParts?>(nil)
    /// Nil where nobody may change the node from afar.
    private let control = Mutex<RemoteControl?>(nil)
    /// A broker that is away for a night, or refuses each message, must not fill the journal.
    private let repetitions = Mutex(RepetitionLimit())

    init(queue: InboundQueue, feedback: FeedbackInbox, wakeup: Wakeup, log: Logger) {
        self.queue = queue
        self.feedback = feedback
        self.wakeup = wakeup
        self.log = log
    }

    func connect(to parts: AgentParts) { self.parts.withLock { $0 = parts } }
    func connect(to control: RemoteControl) { self.control.withLock { $0 = control } }
    func disconnect() {
        parts.withLock { $0 = nil }
        control.withLock { $0 = nil }
    }

    /// An owner of connections has given one up, which is no news from its thread.
    func leftBroker() { with { $0.sender.disconnected() } }

    /// For the broker that insights go to; `takesMessages`: samples come from it too.
    func handlers(takesMessages: Bool) -> MQTTHandlers {
        var handlers = MQTTHandlers(onEvent: report)
        handlers.onMessage = { [self] topic, payload, isRetained in
            if let control = control.withLock({ $0 }),
                control.takes(topic: topic, payload: payload, isRetained: isRetained)
            {
                return
            }
            guard !feedback.take(topic: topic, payload: payload, isRetained: isRetained), takesMessages else { return }
            queue.push(topic: topic, payload: payload, arrival: SystemTime.now(), isRetained: isRetained)
        }
        handlers.onConnected = { [self] in
            with { $0.sender.connected() }
            announce()
            control.withLock { $0 }?.connected()
        }
        handlers.onAnnounce = announce
        handlers.onDisconnected = { [self] _ in with { $0.sender.disconnected() } }
        handlers.onAcknowledged = { [self] token in
            with { if !$0.announcer.acknowledged(token) { $0.sender.acknowledged(token) } }
        }
        handlers.onRefused = { [self] token in
            with { if token > 0 { $0.sender.refused(token) } }
        }
        return handlers
    }

    /// For a broker that only samples come from.
    var inputHandlers: MQTTHandlers {
        MQTTHandlers(
            onMessage: { [queue] topic, payload, isRetained in
                queue.push(topic: topic, payload: payload, arrival: SystemTime.now(), isRetained: isRetained)
            },
            onEvent: report)
    }

    private func with(_ body: (AgentParts) -> Void) {
        if let parts = parts.withLock({ $0 }) { body(parts) }
    }

    private var announce: @Sendable () -> Void {
        { [self] in
            with { $0.needsAnnouncement.store(true, ordering: .releasing) }
            wakeup.signal()
        }
    }

    private var report: @Sendable (MQTTEvent) -> Void {
        { [self] event in
            let (text, now) = ("\(event)", SystemTime.monotonicNanoseconds())
            let isRoutine = if case .retrying = event { true } else { false }
            guard !isRoutine,
                let kept = repetitions.withLock({ $0.keptBack(before: text, isProblem: event.isProblem, now: now) })
            else { return log.debug("\(text)") }
            log.log(
                level: event.isProblem ? .warning : .info, "\(text)",
                metadata: kept > 0 ? ["repeated": "\(kept)"] : nil)
        }
    }
}
