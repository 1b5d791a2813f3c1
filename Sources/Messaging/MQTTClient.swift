import SedgeCore
import Synchronization

/// A connection to one broker that is kept up by a thread of its own, with libmosquitto.
///
/// What to do and when is decided by `MQTTSession`. Every connection gets a new handle of the library, and nothing is
/// handed to the library unless the session is connected: its own queue would send messages a second time after the
/// sender has retried them. Delivery across connections is the sender's job (the outbox).
package final class MQTTClient: Sendable {
    struct Configuration: Sendable {
        let broker: BrokerSettings
        let clientID: String
        let will: (topic: String, payload: [UInt8])?
        let handlers: MQTTHandlers
        let session: MQTTSession.Settings
        let seed: UInt64
    }

    final class Counters: Sendable {
        let reconnects = Atomic(0)
        let oversized = Atomic(0)
        let hasEnded = Atomic(false)
    }

    private let configuration: Configuration
    private let mailbox: MQTTMailbox
    private let counters = Counters()
    private let thread = Mutex<Running?>(nil)

    private struct Running {
        let thread: WorkerThread
        let end: Wakeup
    }

    /// - Parameters:
    ///   - will: retained, QoS 1.
    ///   - seed: for the jitter.
    ///   - maximumInFlight: messages of QoS 1 that may await their acknowledgement; further ones are not taken.
    ///   - statusTopic: Home Assistant's birth topic; nil: no interest in it.
    package init(
        settings: BrokerSettings, clientID: String, will: (topic: String, payload: [UInt8])?,
        handlers: MQTTHandlers, seed: UInt64, backoff: Backoff = Backoff(), maximumInFlight: Int = 64,
        statusTopic: String? = nil, announceDelay: Duration = .seconds(5)
    ) {
        var session = MQTTSession.Settings(broker: settings.label)
        session.backoff = backoff
        session.connectTimeout = settings.connectTimeout
        session.statusTopic = statusTopic
        session.announceDelay = announceDelay
        configuration = Configuration(
            broker: settings, clientID: clientID, will: will, handlers: handlers, session: session, seed: seed)
        mailbox = MQTTMailbox(maximumInFlight: maximumInFlight)
    }

    deinit { _ = mailbox.requestStop(.init(final: [], deadline: Self.now)) }

    /// Starts the thread, which connects; to be called once.
    package func start() {
        thread.withLock { running in
            precondition(running == nil, "an MQTT client starts once")
            let end = Wakeup()
            running = Running(
                thread: WorkerThread(name: "mqtt") { [configuration, mailbox, counters] in
                    MQTTLoop(configuration: configuration, mailbox: mailbox, counters: counters).run()
                    counters.hasEnded.store(true, ordering: .releasing)
                    end.signal()
                }, end: end)
        }
    }

    /// True: the message was taken. With QoS 1 and a token, `onAcknowledged` or `onRefused` follows, unless the
    /// connection is lost first. False: not connected, or too much is in flight; nothing was kept.
    ///
    /// - Parameter reserve: messages of QoS 1 for which room must be left in flight, for what is more important.
    package func publish(
        topic: String, payload: [UInt8], qos: Int, retain: Bool, token: Int64? = nil, reserve: Int = 0
    ) -> Bool {
        precondition(qos == 0 || qos == 1, "QoS 0 and 1 are spoken, found \(qos)")
        let message = MQTTMailbox.Outgoing(topic: topic, payload: payload, qos: qos, retain: retain, token: token)
        return mailbox.post(message, reserve: reserve)
    }

    /// Whether `publish` would take a message of QoS 1 now: what is costly to make is made only then.
    package func hasRoom(reserve: Int = 0) -> Bool { mailbox.hasRoom(reserve: reserve) }

    /// Sets the whole of the wanted subscriptions, topic filter to QoS: kept, sent after every CONNACK, changes at once.
    /// - Parameter anew: one of them that is sent even if it is there, for what the broker retains.
    package func setSubscriptions(_ wanted: [String: Int], anew: String? = nil) {
        mailbox.setSubscriptions(wanted, anew: anew)
    }

    /// Sends what `publish` took, then these messages (QoS 1, retained), waits until all are acknowledged or the time
    /// is up, disconnects and ends the thread. Without a connection it only ends the thread.
    package func stop(final: [(topic: String, payload: [UInt8])] = [], deadline: Duration) {
        let isFirst = mailbox.requestStop(.init(final: final, deadline: Self.now + deadline))
        guard isFirst, let running = thread.withLock({ $0.take() }) else { return }
        // The thread may hang in a name lookup, which nothing can interrupt: then leave it behind.
        let limit = deadline + .seconds(3)
        running.end.wait(milliseconds: Int(limit / .milliseconds(1)))
        if counters.hasEnded.load(ordering: .acquiring) { running.thread.join() }
    }

    package var isConnected: Bool { mailbox.isOpen }
    /// Connections after the first.
    package var reconnects: Int { counters.reconnects.load(ordering: .relaxed) }
    /// Messages above the limit, dropped.
    package var oversized: Int { counters.oversized.load(ordering: .relaxed) }

    /// Since the machine's start, on the clock that never jumps.
    static var now: Duration { .nanoseconds(SystemTime.monotonicNanoseconds()) }
}
