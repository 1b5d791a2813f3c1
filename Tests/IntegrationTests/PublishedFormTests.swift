import SedgeCore
import TestSupport
import Testing

/// What a running agent really publishes, against the schemas, and what it takes back.
@Suite(.serialized) struct PublishedFormTests {
    private static func schema(of topic: String) throws -> SchemaValidator? {
        let levels = topic.split(separator: "/")
        if levels.first == "homeassistant" { return try validator("discovery") }
        return switch levels.count > 2 ? levels[2] : "" {
        case "insight", "backfill": try validator("insight")
        case "state", "health", "availability": try validator(String(levels[2]))
        default: nil
        }
    }

    private static func validator(_ name: String) throws -> SchemaValidator {
        try SchemaValidator(schema: TestFile.read(AgentUnderTest.root + "/docs/schema/\(name).json"))
    }

    @Test func everyPayloadFitsItsSchema() async throws {
        let broker = try await MosquittoBroker.started()
        let agent = try AgentUnderTest(port: broker.port, rest: AgentUnderTest.pump)
        let subscriber = try await Subscriber(broker, topics: ["sedge/#", "homeassistant/#"])
        let sedged = try agent.start()
        #expect(await eventually { subscriber.payloads("sedge/test/availability").last == "online" })
        try await AgentUnderTest.simulatePump(port: broker.port)
        #expect(await eventually(within: .seconds(60)) { subscriber.insights.contains { $0.kind == .anomaly } })
        #expect(await eventually { subscriber.messages.contains { $0.topic == "sedge/test/health" } })
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)

        var seen: Set<String> = []
        for message in subscriber.messages where !message.payload.isEmpty {
            guard let schema = try Self.schema(of: message.topic) else {
                Issue.record("\(message.topic) is a topic without a schema")
                continue
            }
            seen.insert(message.topic.split(separator: "/").dropFirst(2).first.map(String.init) ?? "")
            // Availability is the one payload that is a plain word.
            let isWord = message.topic.hasSuffix("/availability")
            let bytes = Array((isWord ? "\"\(message.payload)\"" : message.payload).utf8)
            #expect(schema.problems(in: bytes) == [], "\(message.topic): \(message.payload)")
        }
        #expect(seen.isSuperset(of: ["insight", "state", "health", "availability", "test"]))
    }

    @Test func aStreamThatLeavesTheConfigurationIsCleared() async throws {
        let broker = try await MosquittoBroker.started()
        let agent = try AgentUnderTest(port: broker.port, rest: AgentUnderTest.pump)
        let first = try await Subscriber(broker, topics: ["sedge/#"])
        var sedged = try agent.start()
        #expect(await eventually { first.payloads("sedge/test/availability").last == "online" })
        try await AgentUnderTest.simulatePump(port: broker.port, seconds: 60, faultAt: nil)
        #expect(await eventually { !first.states("pump-1").isEmpty })
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)

        try agent.write(
            port: broker.port,
            rest: """
                [[stream]]
                topic = "other/{stream}"
                channels = { x = "$.x" }
                """)
        let second = try await Subscriber(broker, topics: ["sedge/#", "homeassistant/#"])
        sedged = try agent.start()
        #expect(await eventually { second.payloads("sedge/test/state/pump-1").last == "" }, "the retained state")
        let discovery = try #require(second.payloads("homeassistant/device/test/config").last)
        #expect(discovery.contains(#""pump-1_score":{"p":"sensor"}"#), "\(discovery)")
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)

        // Cleared once and for all: the next start knows nothing of it.
        let third = try await Subscriber(broker, topics: ["sedge/#", "homeassistant/#"])
        sedged = try agent.start()
        #expect(await eventually { third.payloads("sedge/test/availability").last == "online" })
        #expect(await eventually { third.payloads("homeassistant/device/test/config").count > 1 })
        #expect(third.payloads("homeassistant/device/test/config").last?.contains("pump-1") == false)
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }

    @Test func aSilentStreamBecomesStale() async throws {
        let broker = try await MosquittoBroker.started()
        let agent = try AgentUnderTest(port: broker.port, rest: AgentUnderTest.pump + "\nstale_after_s = 0.5\n")
        let subscriber = try await Subscriber(broker, topics: ["sedge/#"])
        let sedged = try agent.start()
        #expect(await eventually { subscriber.payloads("sedge/test/availability").last == "online" })
        try await AgentUnderTest.simulatePump(port: broker.port, seconds: 60, faultAt: nil)
        #expect(await eventually { subscriber.states("pump-1").last?.phase == "stale" })
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }

    @Test func systemdIsToldOfReadinessAndStop() async throws {
        let broker = try await MosquittoBroker.started()
        let agent = try AgentUnderTest(port: broker.port, rest: AgentUnderTest.pump)
        let socket = try NotifySocket()
        let sedged = try Launcher.start(
            .sedged, ["--config", agent.configurationPath],
            environment: ["NOTIFY_SOCKET": socket.path, "WATCHDOG_USEC": "200000"])
        #expect(await eventually { socket.received().contains { $0.hasPrefix("READY=1") } })
        #expect(await eventually { socket.received().filter { $0 == "WATCHDOG=1" }.count >= 3 })
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
        #expect(socket.received().contains("STOPPING=1"))
    }
}
