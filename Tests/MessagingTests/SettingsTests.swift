import Messaging
import SedgeCore
import Testing

@Suite struct SettingsTests {
    @Test func neverShowAPassword() {
        let settings = BrokerSettings(host: "h", port: 1883, username: "u", password: Secret("hunter2"))
        var dumped = ""
        dump(settings, to: &dumped)
        for text in ["\(settings)", String(reflecting: settings), dumped, "\(Secret("hunter2"))"] {
            #expect(!text.contains("hunter2"))
        }
        #expect("\(Secret("hunter2"))" == "•••")
        #expect(settings.password?.reveal() == "hunter2")
    }

    @Test func nameTheBroker() {
        #expect(BrokerSettings(host: "broker.local", port: 8883).label == "broker.local:8883")
        #expect(BrokerSettings(host: "::1", port: 1883).label == "[::1]:1883")
    }

    @Test func eventsReadAsSentences() {
        let events: [MQTTEvent] = [
            .connected(broker: "b:1", version: .v311), .fellBack(broker: "b:1", because: "closed before CONNACK"),
            .refused(broker: "b:1", because: "not authorised"), .failed(broker: "b:1", .lookup("nowhere")),
            .lost(broker: "b:1", .protocolError("Malformed packet")), .timedOut(broker: "b:1", after: .seconds(10)),
            .unacknowledged(broker: "b:1", for: .milliseconds(1500)), .retrying(in: .milliseconds(730)),
            .subscriptionRefused(filter: "a/#", because: "quota exceeded"),
            .subscriptionDowngraded(filter: "a", wanted: 1, granted: 0), .publishRefused(because: "packet too large"),
            .oversized(count: 1, bytes: 2, limit: 1), .homeAssistantOnline, .stopped(unacknowledged: 2),
            .stopped(unacknowledged: 0),
        ]
        for event in events {
            let text = event.description
            #expect(text.hasSuffix(".") && !text.contains("\n") && !text.contains("Optional"), "\(text)")
        }
        #expect(MQTTEvent.retrying(in: .milliseconds(730)).description == "Next try in 0.7 s.")
        #expect(MQTTEvent.retrying(in: .seconds(30)).description == "Next try in 30 s.")
    }
}
