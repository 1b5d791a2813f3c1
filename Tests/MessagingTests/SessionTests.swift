import Messaging
import SedgeCore
import Testing

/// The session machine as a value: no socket, no clock.
@Suite struct SessionTests {
    typealias Action = MQTTSession.Action

    static let name = "broker:1883"

    private func session(
        statusTopic: String? = nil, backoff: Backoff = Backoff(), seed: UInt64 = 1
    ) -> MQTTSession {
        var settings = MQTTSession.Settings(broker: Self.name)
        settings.statusTopic = statusTopic
        settings.backoff = backoff
        return MQTTSession(settings: settings, seed: seed)
    }

    /// One that has tried to connect so many times, and when it tries again.
    private func failedSession(times: Int) -> (MQTTSession, now: Duration) {
        var session = session()
        var now = Duration.zero
        _ = session.start(at: now)
        for _ in 0..<times {
            _ = session.connectionLost(.unreachable("x"), at: now)
            now = session.nextDeadline!
            _ = session.tick(at: now)
        }
        return (session, now)
    }

    private func subscription(_ filter: String, _ qos: Int = 1) -> MQTTSession.Subscription {
        MQTTSession.Subscription(filter: filter, qos: qos)
    }

    private func events(_ actions: [Action]) -> [MQTTEvent] {
        actions.compactMap { if case .report(let event) = $0 { event } else { nil } }
    }

    private func delay(_ actions: [Action]) -> Duration? {
        events(actions).compactMap { if case .retrying(let delay) = $0 { delay } else { nil } }.first
    }

    // MARK: Connecting

    @Test func triesMQTT5First() {
        var session = session()
        #expect(session.start(at: .zero) == [.connect(.v5, ipv4Only: false)])
        #expect(session.nextDeadline == .seconds(10))
        #expect(session.start(at: .zero).isEmpty)
    }

    @Test func subscribesThenTellsItsOwnerAtEveryConnack() {
        var session = session(statusTopic: "homeassistant/status")
        #expect(session.setSubscriptions(["b": 1, "a": 1, "c": 0]).isEmpty)
        let expected: [Action] = [
            .subscribe([subscription("c", 0)]),
            .subscribe([subscription("a"), subscription("b"), subscription("homeassistant/status")]),
            .report(.connected(broker: Self.name, version: .v5)), .connected,
        ]
        _ = session.start(at: .zero)
        #expect(session.connack(code: 0, at: .zero) == expected)
        #expect(session.reconnects == 0)
        let lost = session.connectionLost(.closed("by the other side"), at: .seconds(20))
        #expect(lost.prefix(2) == [.drop, .disconnected(reason: "the connection was closed (by the other side)")])
        let due = session.nextDeadline!
        #expect(session.tick(at: due - .nanoseconds(1)).isEmpty)
        #expect(session.tick(at: due) == [.connect(.v5, ipv4Only: false)])
        #expect(session.connack(code: 0, at: due) == expected)
        #expect(session.reconnects == 1)
    }

    @Test func splitsSubscriptionsIntoPacketsThatEveryBrokerTakes() {
        var session = session()
        _ = session.setSubscriptions(Dictionary(uniqueKeysWithValues: (0..<20).map { ("t/\($0)", 1) }))
        _ = session.start(at: .zero)
        let sizes = session.connack(code: 0, at: .zero).compactMap { action -> Int? in
            if case .subscribe(let wanted) = action { wanted.count } else { nil }
        }
        #expect(sizes == [8, 8, 4])
    }

    @Test func sendsChangedSubscriptionsAtOnce() {
        var session = session()
        _ = session.setSubscriptions(["a": 1, "b": 1, "c": 1])
        _ = session.start(at: .zero)
        _ = session.connack(code: 0, at: .zero)
        #expect(
            session.setSubscriptions(["a": 1, "b": 0, "d": 1])
                == [.subscribe([subscription("b", 0)]), .subscribe([subscription("d")]), .unsubscribe(["c"])])
        #expect(session.setSubscriptions(["a": 1, "b": 0, "d": 1]).isEmpty)
        // For what the broker retains, and never for what is not wanted.
        #expect(
            session.setSubscriptions(["a": 1, "b": 0, "d": 1], anew: ["d", "x"]) == [.subscribe([subscription("d")])])
    }

    @Test(arguments: [UInt8(1), 0x84])
    func fallsBackWhenTheVersionIsRefusedAndRemembers(code: UInt8) {
        var session = session()
        _ = session.start(at: .zero)
        let actions = session.connack(code: code, at: .zero)
        #expect(actions.first == .drop)
        #expect(actions.last == .connect(.v311, ipv4Only: false))
        #expect(events(actions) == [.fellBack(broker: Self.name, because: "unsupported protocol version")])
        _ = session.connack(code: 0, at: .zero)
        _ = session.connectionLost(.closed("x"), at: .seconds(1))
        #expect(session.tick(at: session.nextDeadline!) == [.connect(.v311, ipv4Only: false)])
    }

    @Test func guessesThatABrokerWhichClosesWantsMQTT311() {
        var session = session()
        _ = session.start(at: .zero)
        let actions = session.connectionLost(.closed("by the other side"), at: .zero)
        #expect(actions.last == .connect(.v311, ipv4Only: false))
        #expect(events(actions) == [.fellBack(broker: Self.name, because: "closed before CONNACK")])
        _ = session.connack(code: 0, at: .zero)
        _ = session.connectionLost(.closed("x"), at: .seconds(1))
        #expect(session.tick(at: session.nextDeadline!) == [.connect(.v311, ipv4Only: false)])
    }

    @Test func guessesThatAnAnswerWhichIsNoMQTT5ComesFromAnOldBroker() {
        var session = session()
        _ = session.start(at: .zero)
        let actions = session.connectionLost(.protocolError("malformed packet"), at: .zero)
        #expect(actions.last == .connect(.v311, ipv4Only: false))
        #expect(events(actions) == [.fellBack(broker: Self.name, because: "its answer is not MQTT 5")])
        // What is no MQTT 3.1.1 either is not.
        #expect(delay(session.connectionLost(.protocolError("malformed packet"), at: .zero)) != nil)
        guard case .connect(.v5, _)? = session.tick(at: session.nextDeadline!).first else {
            Issue.record("expected MQTT 5 again")
            return
        }
    }

    @Test func dropsTheGuessWhenMQTT311DoesNotHelp() {
        var session = session()
        _ = session.start(at: .zero)
        _ = session.connectionLost(.closed("restarting"), at: .zero)
        let actions = session.connectionLost(.unreachable("Connection refused"), at: .zero)
        #expect(delay(actions) != nil)
        guard case .connect(.v5, _)? = session.tick(at: session.nextDeadline!).first else {
            Issue.record("expected MQTT 5 again")
            return
        }
    }

    @Test func reportsABrokerThatSpeaksNeither() {
        var session = session()
        _ = session.start(at: .zero)
        _ = session.connack(code: 1, at: .zero)
        let actions = session.connack(code: 1, at: .zero)
        #expect(
            events(actions).first?.description
                == "broker:1883 refused the connection: it takes neither MQTT 5 nor MQTT 3.1.1.")
        #expect(delay(actions)! >= .seconds(30))
    }

    @Test(arguments: [
        (UInt8(4), "wrong user name or password"), (0x86, "wrong user name or password"), (5, "not authorised"),
        (0x87, "not authorised"), (2, "it does not accept the client id"), (0x8A, "this client is banned"),
        (0x9A, "it does not accept the will: retain not supported"),
    ])
    func retriesSlowlyWhatAnOperatorMustMend(code: UInt8, reason: String) {
        var session = session()
        _ = session.start(at: .zero)
        let actions = session.connack(code: code, at: .zero)
        #expect(events(actions).first?.description == "broker:1883 refused the connection: \(reason).")
        #expect(events(actions).first?.isProblem == true)
        #expect((.seconds(30) ... .seconds(60)).contains(delay(actions)!))
        #expect(session.tick(at: session.nextDeadline!) == [.connect(.v5, ipv4Only: false)])
    }

    @Test(arguments: [UInt8(3), 0x88, 0x89, 0x97, 0xF0])
    func retriesSoonWhatMayPass(code: UInt8) {
        var session = session()
        _ = session.start(at: .zero)
        #expect(delay(session.connack(code: code, at: .zero))! <= .seconds(1))
    }

    @Test(arguments: [
        ConnectionLoss.tls("certificate verify failed"), .settings("tls.ca = /x can not be read: Is a directory"),
    ])
    func retriesTLSAndFileErrorsSlowlyAndNeverFallsBack(loss: ConnectionLoss) {
        var session = session()
        _ = session.start(at: .zero)
        let actions = session.connectionLost(loss, at: .zero)
        #expect(events(actions).first?.description == "Could not connect to broker:1883: \(loss).")
        #expect(delay(actions)! >= .seconds(30))
        #expect(session.tick(at: session.nextDeadline!) == [.connect(.v5, ipv4Only: false)])
    }

    @Test func comesBackSlowlyWhenAnotherClientTookTheSession() {
        var session = session()
        _ = session.start(at: .zero)
        _ = session.connack(code: 0, at: .zero)
        let actions = session.connectionLost(.disconnected(0x8E), at: .seconds(1))
        #expect(
            events(actions).first?.description
                == "Lost broker:1883: the broker disconnected: another client took the session over.")
        #expect(delay(actions)! >= .seconds(30))
    }

    @Test func givesUpOnABrokerThatStaysSilent() {
        var session = session()
        _ = session.start(at: .zero)
        #expect(session.tick(at: .seconds(9)).isEmpty)
        let actions = session.tick(at: .seconds(10))
        #expect(actions.first == .drop)
        #expect(
            events(actions).first?.description == "broker:1883 did not accept the connection within 10 s.")
        // A name may have an address that leads nowhere: the other family gets its turn.
        #expect(session.tick(at: session.nextDeadline!) == [.connect(.v5, ipv4Only: true)])
    }

    // MARK: Back-off

    /// Seed 3; the bounds hold for any.
    @Test func doublesTheDelayWithJitterUpToTheMaximum() {
        var session = session(seed: 3)
        var now = Duration.zero
        _ = session.start(at: now)
        for attempt in 0..<10 {
            let actions = session.connectionLost(.unreachable("Connection refused"), at: now)
            let full = min(Duration.seconds(1 << attempt), .seconds(60))
            #expect((full / 2...full).contains(delay(actions)!), "attempt \(attempt)")
            now = session.nextDeadline!
            #expect(session.tick(at: now).count == 1)
        }
    }

    @Test func jittersDifferentlyWithAnotherSeed() {
        func delays(_ seed: UInt64) -> [Duration] {
            var random = SeededRandom(seed: seed)
            return (1...5).map { Backoff().delay(afterFailures: $0, random: &random) }
        }
        #expect(delays(1) == delays(1))
        #expect(delays(1) != delays(2))
    }

    @Test func startsTheBackOffAfreshOnlyAfterAStableConnection() {
        for (lasted, isFresh) in [(Duration.seconds(1), false), (.seconds(10), true)] {
            let (failed, now) = failedSession(times: 5)
            var session = failed
            _ = session.connack(code: 0, at: now)
            let pause = delay(session.connectionLost(.closed("x"), at: now + lasted))!
            #expect((pause <= .seconds(1)) == isFresh)
        }
    }

    // MARK: Messages

    @Test func acknowledgesByMessageID() {
        var session = session()
        _ = session.start(at: .zero)
        _ = session.connack(code: 0, at: .zero)
        session.published(mid: 1, token: 100, at: .zero)
        session.published(mid: 2, token: 200, at: .zero)
        session.published(mid: 3, token: nil, at: .zero)
        #expect(session.acknowledged(mid: 2, reason: 0, at: .zero) == [.acknowledged(token: 200)])
        #expect(session.acknowledged(mid: 2, reason: 0, at: .zero).isEmpty)
        #expect(session.acknowledged(mid: 3, reason: 0, at: .zero).isEmpty)
        // "No matching subscribers" is a success.
        #expect(session.acknowledged(mid: 1, reason: 0x10, at: .zero) == [.acknowledged(token: 100)])
        #expect(session.unacknowledged == 0)
        #expect(session.nextDeadline == nil)
    }

    @Test func reportsARefusedMessage() {
        var session = session()
        _ = session.start(at: .zero)
        _ = session.connack(code: 0, at: .zero)
        session.published(mid: 1, token: 7, at: .zero)
        #expect(
            session.acknowledged(mid: 1, reason: 0x97, at: .zero)
                == [.report(.publishRefused(because: "quota exceeded")), .refused(token: 7)])
    }

    @Test func forgetsWhatWasInFlightWithItsConnection() {
        var session = session()
        _ = session.start(at: .zero)
        _ = session.connack(code: 0, at: .zero)
        session.published(mid: 1, token: 7, at: .zero)
        _ = session.connectionLost(.closed("x"), at: .zero)
        #expect(session.unacknowledged == 0)
        _ = session.tick(at: session.nextDeadline!)
        _ = session.connack(code: 0, at: .seconds(2))
        #expect(session.acknowledged(mid: 1, reason: 0, at: .seconds(2)).isEmpty)
    }

    @Test func connectsAfreshWhenAMessageStaysUnacknowledged() {
        var session = session()
        _ = session.start(at: .zero)
        _ = session.connack(code: 0, at: .zero)
        session.published(mid: 1, token: 1, at: .zero)
        session.published(mid: 2, token: 2, at: .seconds(20))
        _ = session.acknowledged(mid: 1, reason: 0, at: .seconds(21))
        #expect(session.tick(at: .seconds(30)).isEmpty)
        #expect(session.nextDeadline == .seconds(51))
        let actions = session.tick(at: .seconds(51))
        #expect(actions.prefix(2) == [.drop, .disconnected(reason: "no acknowledgement")])
        #expect(
            events(actions).first?.description
                == "broker:1883 has left a message unacknowledged for 30 s, connecting afresh.")
        #expect(delay(actions)! <= .seconds(1))
    }

    @Test func oneAcknowledgementThatIsLostIsNoticedThoughOthersCome() {
        var session = session()
        _ = session.start(at: .zero)
        _ = session.connack(code: 0, at: .zero)
        session.published(mid: 1, token: 1, at: .zero)
        for mid in UInt16(2)...29 {
            session.published(mid: mid, token: Int64(mid), at: .seconds(Int(mid)))
            _ = session.acknowledged(mid: mid, reason: 0, at: .seconds(Int(mid)))
            #expect(session.tick(at: .seconds(Int(mid))).isEmpty)
        }
        #expect(session.tick(at: .seconds(30)).first == .drop)
    }

    @Test func waitsForAsLongAsASlowLinkAcknowledges() {
        var session = session()
        _ = session.start(at: .zero)
        _ = session.connack(code: 0, at: .zero)
        for mid in UInt16(1)...10 { session.published(mid: mid, token: Int64(mid), at: .zero) }
        for mid in UInt16(1)...9 {
            let time = Duration.seconds(20 * Int(mid))
            #expect(session.tick(at: time).isEmpty)
            #expect(session.acknowledged(mid: mid, reason: 0, at: time) == [.acknowledged(token: Int64(mid))])
        }
        #expect(session.tick(at: .seconds(209)).isEmpty)
        #expect(session.tick(at: .seconds(210)).first == .drop)
    }

    @Test func comesBackSoonAfterAnAcknowledgementThatDidNotCome() {
        let (failed, now) = failedSession(times: 6)
        var session = failed
        _ = session.connack(code: 0, at: now)
        session.published(mid: 1, token: 1, at: now)
        #expect(delay(session.tick(at: now + .seconds(30)))! <= .seconds(1))
    }

    @Test func reportsRefusedAndDowngradedSubscriptions() {
        var session = session()
        _ = session.setSubscriptions(["a": 1, "b": 1, "c": 1])
        _ = session.start(at: .zero)
        _ = session.connack(code: 0, at: .zero)
        session.subscribing([subscription("a"), subscription("b"), subscription("c")], mid: 4)
        #expect(
            events(session.suback(mid: 4, granted: [1, 0, 0x87], at: .zero)).map(\.description) == [
                "The subscription to b got QoS 0, asked for was QoS 1.",
                "The subscription to c was refused: not authorised.",
            ])
        #expect(session.suback(mid: 4, granted: [0x87], at: .zero).isEmpty)
    }

    @Test func asksAgainForWhatWasRefusedAndTellsOnce() {
        var session = session()
        _ = session.setSubscriptions(["a": 1, "b": 1, "c": 1])
        _ = session.start(at: .zero)
        _ = session.connack(code: 0, at: .zero)
        session.subscribing([subscription("a"), subscription("b"), subscription("c")], mid: 4)
        #expect(events(session.suback(mid: 4, granted: [1, 0x87, 0x87], at: .seconds(1))).count == 2)
        // Nobody wants c any more.
        _ = session.setSubscriptions(["a": 1, "b": 1])
        #expect(session.nextDeadline == .seconds(61))
        #expect(session.tick(at: .seconds(61)) == [.subscribe([subscription("b")])])
        session.subscribing([subscription("b")], mid: 5)
        #expect(session.suback(mid: 5, granted: [0x87], at: .seconds(62)).isEmpty)
        #expect(session.tick(at: .seconds(122)) == [.subscribe([subscription("b")])])
        session.subscribing([subscription("b")], mid: 6)
        #expect(session.suback(mid: 6, granted: [1], at: .seconds(123)).isEmpty)
        #expect(session.nextDeadline == nil)
        // Another connection asks for everything, and tells again.
        _ = session.connectionLost(.closed("x"), at: .seconds(200))
        _ = session.tick(at: session.nextDeadline!)
        _ = session.connack(code: 0, at: .seconds(210))
        session.subscribing([subscription("b")], mid: 1)
        #expect(events(session.suback(mid: 1, granted: [0x87], at: .seconds(211))).count == 1)
    }

    @Test func countsOversizedMessagesAndReportsThemOnceAMinute() {
        var session = session()
        let limit = 1 << 20
        #expect(events(session.oversized(bytes: 2_000_000, limit: limit, at: .zero)).count == 1)
        #expect(session.oversized(bytes: 2_000_000, limit: limit, at: .seconds(30)).isEmpty)
        #expect(
            events(session.oversized(bytes: 3_000_000, limit: limit, at: .seconds(60)))
                == [.oversized(count: 2, bytes: 3_000_000, limit: limit)])
    }

    // MARK: Home Assistant

    @Test func announcesAgainShortlyAfterHomeAssistantStarts() {
        var session = session(statusTopic: "homeassistant/status")
        _ = session.start(at: .zero)
        #expect(session.status(Topics.online, retained: false, at: .zero).isEmpty)
        _ = session.connack(code: 0, at: .zero)
        #expect(session.status(Topics.online, retained: true, at: .zero).isEmpty)
        #expect(session.status(Topics.offline, retained: false, at: .zero).isEmpty)
        #expect(session.status(Topics.online, retained: false, at: .seconds(1)) == [.report(.homeAssistantOnline)])
        #expect(session.status(Topics.online, retained: false, at: .seconds(1)).isEmpty)
        let due = session.nextDeadline!
        #expect((.seconds(1) ... .seconds(6)).contains(due))
        #expect(session.tick(at: due - .nanoseconds(1)).isEmpty)
        #expect(session.tick(at: due) == [.announce])
        #expect(session.tick(at: due).isEmpty)
    }

    @Test func forgetsTheAnnouncementWhenTheConnectionIsLost() {
        var session = session(statusTopic: "s")
        _ = session.start(at: .zero)
        _ = session.connack(code: 0, at: .zero)
        _ = session.status(Topics.online, retained: false, at: .zero)
        _ = session.connectionLost(.closed("x"), at: .zero)
        _ = session.tick(at: session.nextDeadline!)
        _ = session.connack(code: 0, at: .seconds(60))
        #expect(!session.tick(at: .seconds(120)).contains(.announce))
    }

    // MARK: Stopping

    @Test func publishesTheLastMessagesAndWaitsForAcknowledgements() {
        var session = session()
        _ = session.start(at: .zero)
        _ = session.connack(code: 0, at: .zero)
        session.published(mid: 1, token: 5, at: .zero)
        #expect(
            session.stop(final: [("a", Topics.offline)], deadline: .seconds(5), at: .zero)
                == [.publishLast(topic: "a", payload: Topics.offline)])
        session.published(mid: 2, token: nil, at: .zero)
        #expect(!session.isConnected)
        #expect(session.tick(at: .seconds(1)).isEmpty)
        #expect(session.acknowledged(mid: 1, reason: 0, at: .seconds(1)) == [.acknowledged(token: 5)])
        #expect(session.acknowledged(mid: 2, reason: 0, at: .seconds(1)) == [.disconnect])
        #expect(
            session.connectionLost(.closed("by the other side"), at: .seconds(1))
                == [.drop, .report(.stopped(unacknowledged: 0))])
        #expect(session.isFinished)
        #expect(session.nextDeadline == nil)
    }

    @Test func disconnectsAtTheDeadlineAndSaysWhatWasLeft() {
        var session = session()
        _ = session.start(at: .zero)
        _ = session.connack(code: 0, at: .zero)
        session.published(mid: 1, token: 5, at: .zero)
        #expect(session.stop(final: [], deadline: .seconds(5), at: .zero).isEmpty)
        #expect(session.tick(at: .seconds(5)) == [.disconnect])
        #expect(session.tick(at: .seconds(5)).isEmpty)
        #expect(session.tick(at: .seconds(6)) == [.drop, .report(.stopped(unacknowledged: 1))])
    }

    @Test func stopsAtOnceWithoutAConnection() {
        var idle = session()
        #expect(idle.stop(final: [], deadline: .zero, at: .zero) == [.report(.stopped(unacknowledged: 0))])
        var connecting = session()
        _ = connecting.start(at: .zero)
        #expect(
            connecting.stop(final: [("a", [])], deadline: .seconds(9), at: .zero)
                == [.drop, .report(.stopped(unacknowledged: 0))])
        var waiting = session()
        _ = waiting.start(at: .zero)
        _ = waiting.connectionLost(.unreachable("x"), at: .zero)
        _ = waiting.stop(final: [], deadline: .seconds(9), at: .zero)
        #expect(waiting.isFinished)
        #expect(waiting.tick(at: .seconds(100)).isEmpty)
    }

    /// Any order of events: never two connects without a drop between, nothing published unless connected.
    @Test(arguments: UInt64(0)..<200)
    func keepsItsInvariantsInAnyOrderOfEvents(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var session = session(statusTopic: "s", seed: seed)
        var now = Duration.zero
        var hasHandle = false
        var owner = false
        for _ in 0..<200 {
            now += .milliseconds(Int(random.next() % 3000))
            let mid = UInt16(random.next() % 4)
            let actions: [Action]
            switch random.next() % 12 {
            case 0: actions = session.start(at: now)
            case 1, 2: actions = session.connack(code: random.next() % 3 == 0 ? UInt8(random.next() % 256) : 0, at: now)
            case 3: actions = session.connectionLost(.closed("x"), at: now)
            case 4: actions = session.connectionLost(.unreachable("x"), at: now)
            case 5: actions = session.acknowledged(mid: mid, reason: UInt8(random.next() % 256), at: now)
            case 6: actions = session.status(Topics.online, retained: false, at: now)
            case 7: actions = session.setSubscriptions(["a": Int(mid % 2)])
            case 8:
                if session.isConnected { session.published(mid: mid, token: Int64(mid), at: now) }
                actions = []
            case 9: actions = session.suback(mid: mid, granted: [UInt8(random.next() % 256)], at: now)
            case 10 where random.next() % 20 == 0:
                actions = session.stop(final: [("a", [1])], deadline: now + .seconds(1), at: now)
            default: actions = session.tick(at: now)
            }
            for action in actions {
                switch action {
                case .connect:
                    #expect(!hasHandle)
                    hasHandle = true
                case .drop:
                    #expect(hasHandle)
                    hasHandle = false
                case .connected:
                    #expect(hasHandle && !owner)
                    owner = true
                case .disconnected:
                    #expect(owner)
                    owner = false
                case .subscribe, .unsubscribe, .publishLast, .disconnect, .announce: #expect(hasHandle)
                case .acknowledged, .refused, .report: break
                }
            }
            #expect(!session.isConnected || hasHandle)
            if session.isFinished { #expect(!hasHandle && session.nextDeadline == nil) }
        }
    }
}
