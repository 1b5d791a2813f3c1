import SedgeCore

/// What the events of a session lead to.
extension MQTTSession {
    /// Some brokers take no more filters in a packet.
    static let filtersPerPacket = 8
    /// How long the socket may take to close after DISCONNECT.
    static let disconnectTimeout = Duration.seconds(1)
    /// Between two tries of a subscription that is refused.
    static let resubscribePause = Duration.seconds(60)

    var allSubscriptions: [String: Int] {
        guard let topic = settings.statusTopic else { return subscriptions }
        return subscriptions.merging([topic: 1]) { wanted, _ in wanted }
    }

    func subscribeActions(_ wanted: [String: Int]) -> [Action] {
        let sorted = wanted.sorted { $0.key < $1.key }.map { Subscription(filter: $0.key, qos: $0.value) }
        // One QoS a packet: libmosquitto takes no more.
        return Set(wanted.values).sorted().flatMap { qos in
            sorted.filter { $0.qos == qos }.chunks(of: Self.filtersPerPacket).map { .subscribe($0) }
        }
    }

    mutating func connect(at now: Duration) -> [Action] {
        phase = .connecting(deadline: now + settings.connectTimeout)
        return [.connect(version, ipv4Only: ipv4Only)]
    }

    mutating func retry(_ actions: [Action], isLong: Bool, at now: Duration) -> [Action] {
        forgetConnection()
        if isGuessing {
            isGuessing = false
            version = .v5
        }
        failures += 1
        let delay =
            isLong
            ? settings.backoff.longDelay(random: &random)
            : settings.backoff.delay(afterFailures: failures, random: &random)
        phase = .waiting(until: now + delay)
        return actions + [.report(.retrying(in: delay))]
    }

    mutating func forgetConnection() {
        inFlight.removeAll(keepingCapacity: true)
        subscribing.removeAll()
        acknowledgeCheck = nil
        refusedFilters.removeAll()
        resubscribeAt = nil
        announceAt = nil
    }

    /// What went wrong before a connection that held says nothing of the next one.
    mutating func forgetFailures(connectedSince since: Duration, at now: Duration) {
        if now - since >= settings.backoff.stableAfter { failures = 0 }
    }

    /// Judged by the time in which nothing was acknowledged: over a slow link a long queue takes a while, the library's
    /// own included, and connecting afresh would only begin it anew.
    mutating func checkAcknowledgements(at now: Duration) -> [Action] {
        guard let check = acknowledgeCheck, now >= check else { return [] }
        guard let oldest = inFlight.values.map(\.since).min() else {
            acknowledgeCheck = nil
            return []
        }
        // They come in order: one that was overtaken is lost.
        let since = oldest < newestAcknowledged ? oldest : max(oldest, lastAcknowledgement)
        guard now - since >= settings.acknowledgeTimeout else {
            acknowledgeCheck = since + settings.acknowledgeTimeout
            return []
        }
        if case .connected(let start) = phase { forgetFailures(connectedSince: start, at: now) }
        let event = MQTTEvent.unacknowledged(broker: settings.broker, for: now - since)
        return retry([.drop, .disconnected(reason: "no acknowledgement"), .report(event)], isLong: false, at: now)
    }

    mutating func resubscribeIfDue(at now: Duration) -> [Action] {
        guard let due = resubscribeAt, now >= due else { return [] }
        resubscribeAt = nil
        // One that nobody wants any more is forgotten.
        let wanted = allSubscriptions.filter { refusedFilters.contains($0.key) }
        refusedFilters = Set(wanted.keys)
        return subscribeActions(wanted)
    }

    mutating func announceIfDue(at now: Duration) -> [Action] {
        guard let due = announceAt, now >= due else { return [] }
        announceAt = nil
        return [.announce]
    }

    mutating func disconnectIfDrained(at now: Duration) -> [Action] {
        guard case .draining = phase, inFlight.isEmpty else { return [] }
        return disconnect(at: now)
    }

    mutating func disconnect(at now: Duration) -> [Action] {
        phase = .disconnecting(deadline: now + Self.disconnectTimeout)
        return [.disconnect]
    }

    mutating func finish() -> [Action] {
        let left = inFlight.count
        forgetConnection()
        phase = .finished
        return [.report(.stopped(unacknowledged: left))]
    }

    func fellBack(_ reason: String) -> Action { .report(.fellBack(broker: settings.broker, because: reason)) }
    func refused(_ reason: String) -> Action { .report(.refused(broker: settings.broker, because: reason)) }
}

extension Array {
    /// Slices of at most `size`, in order.
    func chunks(of size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
