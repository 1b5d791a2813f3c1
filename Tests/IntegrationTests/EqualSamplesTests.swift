import SedgeCore
import TestSupport
import Testing

/// A sensor that says the same a million times, through the real agent: three hours at 100 Hz.
@Suite(.serialized) struct EqualSamplesTests {
    private static let stream = """
        [[stream]]
        topic = "c/{stream}"
        channels = { x = "$.x[*]" }
        time = "$.ts"
        rate_hz = 100
        hop = 8
        # Where the agent is emulated it reads for longer than the default.
        stale_after_s = 86400
        """

    @Test func aMillionEqualSamplesAreAnOrdinaryStream() async throws {
        let broker = try await MosquittoBroker.started()
        let agent = try AgentUnderTest(port: broker.port, rest: Self.stream)
        let subscriber = try await Subscriber(
            broker, topics: ["sedge/test/health", "sedge/test/state/#", "sedge/test/insight/#"])
        let publisher = try await ChaosPublisher(broker)
        let sedged = try agent.start()
        let health = { subscriber.decoded(Health.self, under: "sedge/test/health").last }
        #expect(await eventually { health() != nil })
        let samples = Array(repeating: "7", count: 4000).joined(separator: ",")
        let start = SystemTime.now().milliseconds - 11_000_000
        for message in 1...250 {
            await publisher.send("c/still", #"{"x":[\#(samples)],"ts":\#(start + Int64(message) * 40_000)}"#)
        }
        let last = start + 250 * 40_000
        #expect(await eventually(within: .seconds(120)) { (subscriber.states("still").last?.ts ?? 0) >= last - 1000 })
        let state = try #require(subscriber.states("still").last)
        #expect(state.phase == "ready" && state.anomaly == "OFF" && state.score?.isFinite ?? true, "\(state)")
        #expect(await eventually { (health()?.messagesTotal ?? 0) >= 250 })
        #expect(health()?.droppedTotal == 0)
        let said = subscriber.insights.filter { $0.kind != .state }
        #expect(said.isEmpty, "\(said.prefix(3))")
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }
}
