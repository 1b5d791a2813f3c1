import SedgeCore

/// What the events of a session lead to.
extension MQTTSession {
    /// Some brokers take no more filters in a packet.
    static let filtersPerPacket = 8
    /// How long the socket may take to close after DISCONNECT.
    static let disconnectTimeout = Duration.seconds(1)

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
        announceAt = nil
    }

    mutating func checkAcknowledgements(at now: Duration) -> [Action] {
        guard let check = acknowledgeCheck, now >= check else { return [] }
        guard let oldest = inFlight.values.map(\.since).min() else {
            acknowledgeCheck = nil
            return []
        }
        guard now - oldest >= settings.acknowledgeTimeout else {
            acknowledgeCheck = oldest + settings.acknowledgeTimeout
            return []
        }
        let event = MQTTEvent.unacknowledged(broker: settings.broker, for: now - oldest)
        return retry([.drop, .disconnected(reason: "no acknowledgement"), .report(event)], isLong: false, at: now)
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
