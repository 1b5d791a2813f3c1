import SedgeCore
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The body of a client's thread: polls, tells the session what happened, does what it answers, and decides nothing.
final class MQTTLoop {
    /// A message above this is dropped (MQTT 5 brokers are told not to send it).
    static let maximumPayload = 1 << 20
    /// Payload, topic and header together.
    private static let maximumPacket = UInt32(maximumPayload + (64 << 10) + 64)
    /// Packets read before other work gets its turn.
    private static let readBatch = 256

    private let configuration: MQTTClient.Configuration
    private let mailbox: MQTTMailbox
    private let counters: MQTTClient.Counters
    private var session: MQTTSession
    private var handle: MosquittoHandle?
    private var actions: [MQTTSession.Action] = []
    private var outgoing: [MQTTMailbox.Outgoing] = []
    private var nextOutgoing = 0
    private var lastKeepAlive = Duration.zero
    private let statusTopic: [UInt8]

    init(configuration: MQTTClient.Configuration, mailbox: MQTTMailbox, counters: MQTTClient.Counters) {
        self.configuration = configuration
        self.mailbox = mailbox
        self.counters = counters
        session = MQTTSession(settings: configuration.session, seed: configuration.seed)
        statusTopic = Array((configuration.session.statusTopic ?? "").utf8)
    }

    private var handlers: MQTTHandlers { configuration.handlers }
    private var now: Duration { MQTTClient.now }

    func run() {
        takeSubscriptions()
        perform(session.start(at: now))
        while !session.isFinished {
            takeMail()
            perform(session.tick(at: now))
            if session.isFinished { break }
            poll()
        }
        mailbox.close()
    }

    // MARK: In

    private func takeSubscriptions() {
        guard let (wanted, anew) = mailbox.takeSubscriptions() else { return }
        perform(session.setSubscriptions(wanted, anew: anew))
    }

    private func takeMail() {
        takeSubscriptions()
        if let stop = mailbox.takeStop() {
            publishWaiting(evenIfBlocked: true)
            perform(session.stop(final: stop.final, deadline: stop.deadline, at: now))
        } else {
            publishWaiting(evenIfBlocked: false)
        }
    }

    private func poll() {
        let socket = handle?.descriptor ?? -1
        if let handle, socket < 0 {
            // Closed while publishing, or after DISCONNECT was written at once.
            return lose(handle, handle.causeOfClosing)
        }
        var descriptors = (
            pollfd(fd: mailbox.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        )
        if let handle, handle.wantsWrite || !handle.hasTCP { descriptors.1.events |= Int16(POLLOUT) }
        let timeout = timeoutMilliseconds()
        let count = withUnsafeMutableBytes(of: &descriptors) {
            waitFor($0.assumingMemoryBound(to: pollfd.self).baseAddress!, socket < 0 ? 1 : 2, timeout)
        }
        if count > 0 {
            if descriptors.0.revents != 0 { mailbox.clearWake() }
            if socket >= 0 { serve(descriptors.1.revents) }
        }
        keepAlive()
    }

    private func timeoutMilliseconds() -> Int32 {
        // Keep-alive has a resolution of a second; without a connection only the session's deadline counts.
        let idle: Duration = handle == nil ? .seconds(3600) : .seconds(1)
        let wait = session.nextDeadline.map { min(max($0 - now, .zero), idle) } ?? idle
        return Int32((wait / .milliseconds(1)).rounded(.up))
    }

    private func serve(_ events: Int16) {
        guard let served = handle else { return }
        do throws(ConnectionLoss) {
            if events & Int16(POLLOUT) != 0 { try served.write() }
            guard events & Int16(POLLIN | POLLERR | POLLHUP) != 0 else { return }
            for _ in 0..<Self.readBatch {
                let isMore = try served.read()
                takeSignals()
                guard isMore, handle === served else { return }
            }
        } catch {
            takeSignals()
            lose(served, error)
        }
    }

    private func keepAlive() {
        guard let handle, now - lastKeepAlive >= .seconds(1) else { return }
        lastKeepAlive = now
        do throws(ConnectionLoss) { try handle.keepAlive() } catch { lose(handle, error) }
    }

    private func takeSignals() {
        guard let handle, !handle.signals.isEmpty else { return }
        let signals = handle.signals
        handle.signals.removeAll(keepingCapacity: true)
        for signal in signals {
            switch signal {
            case .connack(let code): perform(session.connack(code: code, at: now))
            case .suback(let mid, let granted): perform(session.suback(mid: mid, granted: granted, at: now))
            case .puback(let mid, let reason):
                mailbox.settled()
                perform(session.acknowledged(mid: mid, reason: reason, at: now))
            }
        }
    }

    private func lose(_ lost: MosquittoHandle, _ loss: ConnectionLoss) {
        // A signal that came with the loss may have replaced the handle already.
        guard handle === lost else { return }
        perform(session.connectionLost(loss, at: now))
    }

    private func received(_ topic: UnsafeRawBufferPointer, _ payload: UnsafeRawBufferPointer, _ retained: Bool) {
        if payload.count > Self.maximumPayload {
            counters.oversized.add(1, ordering: .relaxed)
            return perform(session.oversized(bytes: payload.count, limit: Self.maximumPayload, at: now))
        }
        if topic.count == statusTopic.count, !statusTopic.isEmpty, topic.elementsEqual(statusTopic) {
            return perform(session.status(Array(payload), retained: retained, at: now))
        }
        handlers.onMessage(topic, payload, retained)
    }

    // MARK: Out

    private func perform(_ new: [MQTTSession.Action]) {
        guard !new.isEmpty else { return }
        var pending = new[...]
        while let action = pending.popFirst() {
            let more = perform(action)
            if !more.isEmpty { pending = (more + pending)[...] }
        }
    }

    private func perform(_ action: MQTTSession.Action) -> [MQTTSession.Action] {
        switch action {
        case .connect(let version, let ipv4Only): return connect(version, ipv4Only: ipv4Only)
        case .subscribe(let wanted): return subscribe(wanted)
        case .unsubscribe(let filters): handle?.unsubscribe(filters)
        case .connected:
            handle?.quieten()
            counters.reconnects.store(session.reconnects, ordering: .relaxed)
            mailbox.open()
            handlers.onConnected()
        case .disconnected(let reason):
            forgetOutgoing()
            handlers.onDisconnected(reason)
        case .acknowledged(let token): handlers.onAcknowledged(token)
        case .refused(let token): handlers.onRefused(token)
        case .announce: handlers.onAnnounce()
        case .publishLast(let topic, let payload):
            publish(.init(topic: topic, payload: payload, qos: 1, retain: true, token: nil))
        case .disconnect: handle?.disconnect()
        case .drop:
            forgetOutgoing()
            handle = nil
        case .report(let event): handlers.onEvent(event)
        }
        return []
    }

    private func connect(_ version: MQTTVersion, ipv4Only: Bool) -> [MQTTSession.Action] {
        do throws(ConnectionLoss) {
            let new = try MosquittoHandle(
                clientID: configuration.clientID, version: version, settings: configuration.broker,
                will: configuration.will, onMessage: { [unowned self] in received($0, $1, $2) })
            try new.connect(maximumPacketSize: Self.maximumPacket, ipv4Only: ipv4Only)
            handle = new
            lastKeepAlive = now
            return []
        } catch {
            return session.connectionLost(error, at: now)
        }
    }

    private func subscribe(_ wanted: [MQTTSession.Subscription]) -> [MQTTSession.Action] {
        guard let handle else { return [] }
        if let mid = handle.subscribe(wanted) {
            session.subscribing(wanted, mid: mid)
            return []
        }
        return session.subscribeFailed(wanted)
    }

    /// Hands waiting messages to the library while the socket takes them, so that its own queue stays short.
    private func publishWaiting(evenIfBlocked: Bool) {
        while let handle, session.isConnected {
            if nextOutgoing == outgoing.count {
                outgoing.removeAll(keepingCapacity: true)
                nextOutgoing = 0
                mailbox.takeOutgoing(into: &outgoing)
                if outgoing.isEmpty { return }
            }
            if handle.wantsWrite, !evenIfBlocked { return }
            nextOutgoing += 1
            publish(outgoing[nextOutgoing - 1])
        }
    }

    private func publish(_ message: MQTTMailbox.Outgoing) {
        guard let handle else { return }
        do throws(MosquittoHandle.PublishError) {
            let mid = try handle.publish(
                topic: message.topic, payload: message.payload, qos: message.qos, retain: message.retain)
            if message.qos > 0 { session.published(mid: mid, token: message.token, at: now) }
        } catch {
            switch error {
            case .connectionLost:
                lose(handle, .closed("while writing"))
            case .refused(let reason):
                if message.qos > 0 { mailbox.settled() }
                perform(session.publishFailed(token: message.token, because: reason))
            }
        }
    }

    private func forgetOutgoing() {
        mailbox.close()
        outgoing.removeAll(keepingCapacity: true)
        nextOutgoing = 0
    }
}

/// poll(2) under a name that no method shadows.
private func waitFor(_ descriptors: UnsafeMutablePointer<pollfd>, _ count: nfds_t, _ milliseconds: Int32) -> Int32 {
    poll(descriptors, count, milliseconds)
}
