import SedgeCore

/// The life of a connection to a broker, as a state machine without socket, clock or thread: events in, actions out.
///
/// Invariants: at most one connection is wanted at a time; every `connect` makes a new one; subscriptions are sent
/// after each CONNACK and on change while connected; a message in flight is forgotten with its connection.
/// Times are durations since an origin of the driver's, never going back.
///
/// MQTT 5 is tried first. A broker that says "unsupported protocol version" gets MQTT 3.1.1 from then on. One that
/// closes the connection before CONNACK, or answers with what is no MQTT 5, gets a single try with 3.1.1 and keeps it
/// only if that works, since brokers that restart also close connections. (An old broker's refusal is too short for
/// MQTT 5, and libmosquitto 2.0.21 tells of it as a malformed packet.)
package struct MQTTSession: Sendable {
    enum Phase: Sendable, Equatable {
        case idle
        case waiting(until: Duration)
        case connecting(deadline: Duration)
        case connected(since: Duration)
        /// The last messages are out, their acknowledgements are awaited.
        case draining(deadline: Duration)
        case disconnecting(deadline: Duration)
        case finished
    }

    struct InFlight {
        let token: Int64?
        let since: Duration
    }

    let settings: Settings
    var random: SeededRandom
    var phase = Phase.idle
    var version = MQTTVersion.v5
    /// This try with 3.1.1 is a guess.
    var isGuessing = false
    var ipv4Only = false
    var failures = 0
    var connections = 0
    var subscriptions: [String: Int] = [:]
    var subscribing: [UInt16: [Subscription]] = [:]
    var inFlight: [UInt16: InFlight] = [:]
    /// When the broker acknowledged something last.
    var lastAcknowledgement = Duration.zero
    /// When the newest message was handed over that has been acknowledged.
    var newestAcknowledged = Duration.zero
    var acknowledgeCheck: Duration?
    /// What the broker refused on this connection, and when it is asked again.
    var refusedFilters: Set<String> = []
    var resubscribeAt: Duration?
    var announceAt: Duration?
    var oversizedCount = 0
    var oversizedReported: Duration?

    package init(settings: Settings, seed: UInt64) {
        self.settings = settings
        random = SeededRandom(seed: seed)
    }

    package var isConnected: Bool {
        if case .connected = phase { true } else { false }
    }
    package var isFinished: Bool { phase == .finished }
    /// Connections after the first.
    package var reconnects: Int { max(0, connections - 1) }
    package var unacknowledged: Int { inFlight.count }

    /// When `tick` has something to do; nil: only after another event.
    package var nextDeadline: Duration? {
        switch phase {
        case .idle, .finished: nil
        case .waiting(let time), .connecting(let time), .draining(let time), .disconnecting(let time): time
        case .connected: [acknowledgeCheck, resubscribeAt, announceAt].compactMap(\.self).min()
        }
    }

    // MARK: Events

    package mutating func start(at now: Duration) -> [Action] {
        guard phase == .idle else { return [] }
        return connect(at: now)
    }

    /// CONNACK, with its return code (3.1.1) or reason code (5).
    package mutating func connack(code: UInt8, at now: Duration) -> [Action] {
        guard case .connecting = phase else { return [] }
        switch ReasonCode.refusal(connack: code) {
        case nil:
            isGuessing = false
            connections += 1
            phase = .connected(since: now)
            return subscribeActions(allSubscriptions)
                + [.report(.connected(broker: settings.broker, version: version)), .connected]
        case .protocolVersion? where version == .v5:
            version = .v311
            return [.drop, fellBack("unsupported protocol version")] + connect(at: now)
        case .protocolVersion?:
            return retry([.drop, refused("it takes neither MQTT 5 nor MQTT 3.1.1")], isLong: true, at: now)
        case .configuration(let reason)?:
            return retry([.drop, refused(reason)], isLong: true, at: now)
        case .temporary(let reason)?:
            return retry([.drop, refused(reason)], isLong: false, at: now)
        }
    }

    /// There is no connection any more, or none came about.
    package mutating func connectionLost(_ loss: ConnectionLoss, at now: Duration) -> [Action] {
        switch phase {
        case .idle, .waiting, .finished:
            return []
        case .connecting:
            if version == .v5, let reason = Self.doubt(loss) {
                version = .v311
                isGuessing = true
                return [.drop, fellBack(reason)] + connect(at: now)
            }
            if case .unreachable = loss { ipv4Only.toggle() }
            return retry(
                [.drop, .report(.failed(broker: settings.broker, loss))], isLong: loss.needsOperator, at: now)
        case .connected(let since):
            forgetFailures(connectedSince: since, at: now)
            return retry(
                [.drop, .disconnected(reason: "\(loss)"), .report(.lost(broker: settings.broker, loss))],
                isLong: loss.needsOperator, at: now)
        case .draining:
            return [.drop, .report(.lost(broker: settings.broker, loss))] + finish()
        case .disconnecting:
            return [.drop] + finish()
        }
    }

    /// Why a broker may know no MQTT 5.
    private static func doubt(_ loss: ConnectionLoss) -> String? {
        switch loss {
        case .closed: "closed before CONNACK"
        case .protocolError: "its answer is not MQTT 5"
        case .lookup, .unreachable, .tls, .settings, .disconnected: nil
        }
    }

    /// Sets the whole of what is wanted, topic filter to QoS; what changed is sent at once when connected.
    /// - Parameter anew: sent though nothing changed: the broker then sends again what it retains, and nothing is missed
    ///   in between, as it would be after an UNSUBSCRIBE.
    package mutating func setSubscriptions(_ wanted: [String: Int], anew: Set<String> = []) -> [Action] {
        let former = subscriptions
        subscriptions = wanted
        guard isConnected else { return [] }
        let added = wanted.filter { former[$0.key] != $0.value || anew.contains($0.key) }
        let removed = former.keys.filter { wanted[$0] == nil && $0 != settings.statusTopic }
        // In this order a topic that an old and a new filter match is heard all the time.
        return subscribeActions(added) + removed.sorted().chunks(of: Self.filtersPerPacket).map { .unsubscribe($0) }
    }

    /// A SUBSCRIBE went out under this message id.
    package mutating func subscribing(_ sent: [Subscription], mid: UInt16) { subscribing[mid] = sent }

    /// What is refused is asked for again, since rights can come later; it is told once a connection.
    package mutating func suback(mid: UInt16, granted: [UInt8], at now: Duration) -> [Action] {
        guard let sent = subscribing.removeValue(forKey: mid) else { return [] }
        var actions: [Action] = []
        for (sent, granted) in zip(sent, granted) {
            guard granted >= 0x80 else {
                refusedFilters.remove(sent.filter)
                if Int(granted) < sent.qos {
                    actions.append(
                        .report(
                            .subscriptionDowngraded(filter: sent.filter, wanted: sent.qos, granted: Int(granted))))
                }
                continue
            }
            resubscribeAt = resubscribeAt ?? now + Self.resubscribePause
            guard refusedFilters.insert(sent.filter).inserted else { continue }
            actions.append(.report(.subscriptionRefused(filter: sent.filter, because: ReasonCode.text(granted))))
        }
        return actions
    }

    /// The library did not take a SUBSCRIBE.
    package mutating func subscribeFailed(_ wanted: [Subscription]) -> [Action] {
        wanted.map { .report(.subscriptionRefused(filter: $0.filter, because: "not a valid topic filter")) }
    }

    /// A message with QoS 1 went out under this message id.
    package mutating func published(mid: UInt16, token: Int64?, at now: Duration) {
        inFlight[mid] = InFlight(token: token, since: now)
        if acknowledgeCheck == nil { acknowledgeCheck = now + settings.acknowledgeTimeout }
    }

    /// PUBACK. Without one, the library's refusal of a message is reported by `publishFailed`.
    package mutating func acknowledged(mid: UInt16, reason: UInt8, at now: Duration) -> [Action] {
        guard let message = inFlight.removeValue(forKey: mid) else { return [] }
        lastAcknowledgement = now
        newestAcknowledged = max(newestAcknowledged, message.since)
        var actions: [Action] = []
        if reason >= 0x80 {
            actions.append(.report(.publishRefused(because: ReasonCode.text(reason))))
            if let token = message.token { actions.append(.refused(token: token)) }
        } else if let token = message.token {
            actions.append(.acknowledged(token: token))
        }
        if inFlight.isEmpty {
            acknowledgeCheck = nil
            actions += disconnectIfDrained(at: now)
        }
        return actions
    }

    /// The library did not take a message.
    package mutating func publishFailed(token: Int64?, because reason: String) -> [Action] {
        [.report(.publishRefused(because: reason))] + (token.map { [.refused(token: $0)] } ?? [])
    }

    /// A message on Home Assistant's birth topic. A retained one is no news: we announced at CONNACK.
    package mutating func status(_ payload: [UInt8], retained: Bool, at now: Duration) -> [Action] {
        guard isConnected, !retained, payload == Topics.online, announceAt == nil else { return [] }
        announceAt = now + settings.announceDelay * random.uniform()
        return [.report(.homeAssistantOnline)]
    }

    /// A message above the limit came and was dropped; reported at most once a minute.
    package mutating func oversized(bytes: Int, limit: Int, at now: Duration) -> [Action] {
        oversizedCount += 1
        if let reported = oversizedReported, now - reported < .seconds(60) { return [] }
        defer {
            oversizedCount = 0
            oversizedReported = now
        }
        return [.report(.oversized(count: oversizedCount, bytes: bytes, limit: limit))]
    }

    /// Publishes the last messages, waits for what is in flight until the deadline, disconnects.
    package mutating func stop(
        final: [(topic: String, payload: [UInt8])], deadline: Duration, at now: Duration
    ) -> [Action] {
        switch phase {
        case .finished, .draining, .disconnecting:
            return []
        case .idle, .waiting:
            return finish()
        case .connecting:
            return [.drop] + finish()
        case .connected:
            phase = .draining(deadline: deadline)
            announceAt = nil
            return final.map { .publishLast(topic: $0.topic, payload: $0.payload) }
        }
    }

    /// Time passed. The driver calls it at `nextDeadline`, and after the actions of `stop`.
    package mutating func tick(at now: Duration) -> [Action] {
        switch phase {
        case .idle, .finished:
            return []
        case .waiting(let until):
            return now >= until ? connect(at: now) : []
        case .connecting(let deadline):
            guard now >= deadline else { return [] }
            ipv4Only.toggle()
            return retry(
                [.drop, .report(.timedOut(broker: settings.broker, after: settings.connectTimeout))],
                isLong: false, at: now)
        case .connected:
            return checkAcknowledgements(at: now) + resubscribeIfDue(at: now) + announceIfDue(at: now)
        case .draining(let deadline):
            return now >= deadline ? disconnect(at: now) : disconnectIfDrained(at: now)
        case .disconnecting(let deadline):
            return now >= deadline ? [.drop] + finish() : []
        }
    }
}
