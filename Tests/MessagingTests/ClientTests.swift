import Messaging
import SedgeCore
import TestSupport
import Testing

/// The client against a real mosquitto.
@Suite struct ClientTests {
    @Test func receivesAndPublishesAndStopsClean() async throws {
        var options = MosquittoBroker.Options()
        options.logsPackets = true
        let broker = try await MosquittoBroker.started(options)
        let subscriber = try await Subscriber(broker, topics: ["out/#"])
        let recorder = ClientRecorder()
        let client = startClient(
            BrokerSettings(broker), will: ("out/availability", Topics.offline), recorder: recorder,
            subscriptions: ["in/+/data": 1])
        #expect(await eventually { client.isConnected })
        #expect(client.publish(topic: "out/a", payload: Array("hello".utf8), qos: 1, retain: false, token: 41))
        #expect(client.publish(topic: "in/x/data", payload: [0xFF, 0, 0x01], qos: 0, retain: false))
        #expect(await eventually { recorder.acknowledged == [41] && recorder.messages.count == 1 })
        #expect(recorder.messages.first?.topic == "in/x/data")
        client.stop(final: [("out/availability", Topics.offline)], deadline: .seconds(2))
        #expect(!client.isConnected)
        #expect(!client.publish(topic: "out/a", payload: [], qos: 0, retain: false))
        #expect(await eventually { subscriber.messages.count == 2 })
        #expect(subscriber.messages.map(\.topic) == ["out/a", "out/availability"])
        #expect(subscriber.messages.map(\.payload) == ["hello", "offline"])
        #expect(recorder.events.last == .stopped(unacknowledged: 0))
        #expect(await eventually { broker.log.contains("Received DISCONNECT from client") })
        #expect(recorder.sentences.first == "Connected to 127.0.0.1:\(broker.port) with MQTT 5.")
    }

    @Test func survivesABrokerThatIsDownAtStartAndKilledLater() async throws {
        let broker = try await MosquittoBroker()
        let recorder = ClientRecorder()
        let client = startClient(BrokerSettings(broker), recorder: recorder, subscriptions: ["in": 1])
        #expect(await eventually { recorder.sentences.contains { $0.contains("no connection (Connection refused)") } })
        #expect(!client.publish(topic: "in", payload: [1], qos: 1, retain: false, token: 1))
        try await broker.start()
        #expect(await eventually { client.isConnected })
        broker.kill()
        #expect(await eventually { !client.isConnected })
        #expect(!client.publish(topic: "in", payload: [2], qos: 1, retain: false, token: 2))
        try await broker.start()
        #expect(await eventually { client.isConnected })
        #expect(client.publish(topic: "in", payload: Array("x".utf8), qos: 1, retain: false, token: 3))
        #expect(await eventually { recorder.messages.count == 1 })
        #expect(recorder.messages.map(\.payload) == ["x"])
        #expect(await eventually { recorder.acknowledged == [3] })
        #expect(recorder.disconnected.count == 1)
        #expect(client.reconnects == 1)
        client.stop(deadline: .seconds(1))
    }
}

extension ClientTests {
    @Test func subscribesAgainAtEveryConnackAndDeliversOnce() async throws {
        let broker = try await MosquittoBroker.started()
        let subscriber = try await Subscriber(broker, topics: ["out"])
        let recorder = ClientRecorder()
        let client = startClient(BrokerSettings(broker), recorder: recorder, subscriptions: ["in": 1])
        var sent: [String] = []
        for round in 0..<3 {
            #expect(await eventually { recorder.connected == round + 1 && client.isConnected })
            let text = "m\(round)"
            sent.append(text)
            #expect(client.publish(topic: "in", payload: Array(text.utf8), qos: 1, retain: false))
            #expect(client.publish(topic: "out", payload: Array(text.utf8), qos: 1, retain: false, token: Int64(round)))
            #expect(
                await eventually { recorder.messages.count == round + 1 && recorder.acknowledged.count == round + 1 })
            breakConnections(to: broker.port)
            #expect(await eventually { recorder.disconnected.count == round + 1 })
        }
        #expect(await eventually { client.isConnected })
        #expect(recorder.messages.map(\.payload) == sent)
        #expect(recorder.acknowledged == [0, 1, 2])
        #expect(await eventually { subscriber.messages.count == 3 })
        #expect(subscriber.messages.map(\.payload) == sent)
        client.stop(deadline: .seconds(1))
    }

    /// What libmosquitto's own queue would do: a message in flight at a broken connection comes a second time.
    @Test func forgetsMessagesInFlightAtALostConnection() async throws {
        let broker = FakeBroker { _ in FakeBroker.accept5 }
        defer { broker.stop() }
        let recorder = ClientRecorder()
        let client = startClient(broker.settings, recorder: recorder, maximumInFlight: 2)
        #expect(await eventually { client.isConnected })
        #expect(client.hasRoom(reserve: 1) && !client.hasRoom(reserve: 2))
        // This broker acknowledges nothing, so the third does not fit.
        #expect(client.publish(topic: "a", payload: [1], qos: 1, retain: false, token: 1))
        #expect(client.publish(topic: "a", payload: [2], qos: 1, retain: false, token: 2))
        #expect(!client.hasRoom())
        #expect(!client.publish(topic: "a", payload: [3], qos: 1, retain: false, token: 3))
        #expect(client.publish(topic: "a", payload: [4], qos: 0, retain: false))
        breakConnections(to: broker.port)
        #expect(await eventually { recorder.connected == 2 })
        #expect(client.publish(topic: "a", payload: [5], qos: 1, retain: false, token: 5))
        let started = ContinuousClock.now
        client.stop(final: [("a", [6])], deadline: .milliseconds(200))
        #expect(ContinuousClock.now - started < .seconds(2))
        #expect(recorder.acknowledged.isEmpty)
        #expect(recorder.events.last == .stopped(unacknowledged: 2))
    }

    @Test func leavesItsWillWhenItVanishes() async throws {
        let broker = try await MosquittoBroker.started()
        let subscriber = try await Subscriber(broker, topics: ["sedge/gw/availability"])
        let recorder = ClientRecorder()
        let client = startClient(
            BrokerSettings(broker), will: ("sedge/gw/availability", Topics.offline), recorder: recorder)
        #expect(await eventually { client.isConnected })
        #expect(client.publish(topic: "sedge/gw/availability", payload: Topics.online, qos: 1, retain: true))
        #expect(await eventually { subscriber.messages.count == 1 })
        breakConnections(to: broker.port)
        #expect(await eventually { subscriber.messages.map(\.payload) == ["online", "offline"] })
        let late = try await Subscriber(broker, topics: ["sedge/gw/availability"])
        #expect(await eventually { late.messages.first?.payload == "offline" })
        #expect(late.messages.first?.isRetained == true)
        client.stop(deadline: .seconds(1))
    }

    @Test func hearsHomeAssistantStart() async throws {
        let broker = try await MosquittoBroker.started()
        let recorder = ClientRecorder()
        let client = startClient(BrokerSettings(broker), recorder: recorder, statusTopic: "homeassistant/status")
        #expect(await eventually { client.isConnected })
        for payload in ["offline", "online"] {
            let outcome = try await Launcher.run(
                .tool("mosquitto_pub"), ["-p", "\(broker.port)", "-t", "homeassistant/status", "-m", payload])
            #expect(outcome.status == 0)
        }
        #expect(await eventually { recorder.announced == 1 })
        #expect(recorder.messages.isEmpty)
        client.stop(deadline: .seconds(1))
    }

    @Test func takesChangedSubscriptionsLive() async throws {
        var options = MosquittoBroker.Options()
        options.logsPackets = true
        let broker = try await MosquittoBroker.started(options)
        let recorder = ClientRecorder()
        let client = startClient(BrokerSettings(broker), recorder: recorder, subscriptions: ["a": 1])
        #expect(await eventually { client.isConnected })
        client.setSubscriptions(["b": 1])
        #expect(
            await eventually { broker.log.contains("Received UNSUBSCRIBE") && broker.log.contains("Sending SUBACK") })
        for topic in ["a", "b"] {
            #expect(client.publish(topic: topic, payload: Array(topic.utf8), qos: 1, retain: false))
        }
        #expect(await eventually { !recorder.messages.isEmpty })
        #expect(recorder.messages.map(\.topic) == ["b"])
        client.stop(deadline: .seconds(1))
    }

    @Test func dropsWhatIsTooLarge() async throws {
        let broker = try await MosquittoBroker.started()
        // A broker that ignores the limit can not be had, so the largest payload that passes the broker shows
        // our own check: the packet limit is a little above the payload's.
        let recorder = ClientRecorder()
        let client = startClient(BrokerSettings(broker), recorder: recorder, subscriptions: ["in": 1])
        #expect(await eventually { client.isConnected })
        for size in [1 << 20, 1 << 20 + 1, 2 << 20] {
            #expect(client.publish(topic: "in", payload: [UInt8](repeating: 48, count: size), qos: 1, retain: false))
        }
        #expect(client.publish(topic: "in", payload: [49], qos: 1, retain: false))
        #expect(await eventually { recorder.messages.last?.payload == "1" })
        #expect(recorder.messages.map(\.payload.utf8.count) == [1 << 20, 1])
        #expect(recorder.sentences.contains { $0.hasPrefix("Dropped 1 message(s) above the limit of 1048576 bytes") })
        // The largest never came: the broker knows what is taken.
        #expect(client.oversized == 1)
        client.stop(deadline: .seconds(1))
    }

    @Test func mayBeStoppedTwiceOrNeverStarted() async throws {
        let recorder = ClientRecorder()
        let idle = MQTTClient(
            settings: BrokerSettings(host: "127.0.0.1", port: 1), clientID: "x", will: nil,
            handlers: recorder.handlers(), seed: 1)
        idle.stop(deadline: .seconds(1))
        let client = startClient(BrokerSettings(host: "127.0.0.1", port: freeLoopbackPort()), recorder: recorder)
        client.stop(deadline: .seconds(1))
        client.stop(deadline: .seconds(1))
        #expect(!client.isConnected)
    }
}
