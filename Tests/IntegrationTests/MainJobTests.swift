import SedgeCore
import Testing
import TestSupport

/// Samples in, insights out, over a real broker with a real subscriber.
@Suite(.serialized) struct MainJobTests {
    @Test func reportsTheFaultAndNothingBeforeIt() async throws {
        let broker = try await MosquittoBroker.started()
        let agent = try AgentUnderTest(port: broker.port, rest: AgentUnderTest.pump)
        let subscriber = try await Subscriber(broker, topics: ["sedge/#", "homeassistant/#"])
        let sedged = try agent.start()
        #expect(await eventually { subscriber.payloads("sedge/test/availability").last == "online" })
        try await AgentUnderTest.simulatePump(port: broker.port)
        let fault = Timestamp(milliseconds: 1_772_323_200_000 + 400_000)
        #expect(await eventually(within: .seconds(60)) { subscriber.insights.contains { $0.kind == .anomaly } })
        let anomalies = subscriber.insights.filter { $0.kind == .anomaly }
        let first = try #require(anomalies.first)
        #expect(first.phase == .start)
        #expect(first.ts > fault, "raised \((fault - first.ts) / 1_000_000) s before the fault")
        #expect(first.stream.description == "pump-1")
        #expect(first.context?.samples.keys.sorted() == ["current", "temperature", "vibration"])
        let shares = try #require(first.channels)
        #expect(abs(shares.values.reduce(0, +) - 1) < 1e-3)
        #expect(await eventually { subscriber.states("pump-1").last?.phase == "ready" })

        sedged.terminate()
        #expect(await sedged.waitForExit() == 0, "\(sedged.errors)")
        #expect(await eventually { subscriber.payloads("sedge/test/availability").last == "offline" })
        let sequence = subscriber.insights.map(\.seq)
        #expect(sequence == Array(1..<Int64(sequence.count) + 1), "a subscriber can prove that it missed none")
    }

    @Test func learnedStateSurvivesARestart() async throws {
        let broker = try await MosquittoBroker.started()
        let agent = try AgentUnderTest(port: broker.port, rest: AgentUnderTest.pump)
        let subscriber = try await Subscriber(broker, topics: ["sedge/#"])
        var sedged = try agent.start()
        #expect(await eventually { subscriber.payloads("sedge/test/availability").last == "online" })
        try await AgentUnderTest.simulatePump(port: broker.port, seconds: 400, faultAt: nil)
        #expect(await eventually(within: .seconds(60)) { subscriber.states("pump-1").last?.phase == "ready" })
        // What the broker still holds would come after the restart.
        #expect(await eventually { subscriber.hasDecoded(4000) })
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
        let (before, states) = (subscriber.insights.map(\.seq).max() ?? 0, subscriber.states("pump-1").count)

        sedged = try agent.start()
        // What was learned is there before the first sample, and a short restart is no silence of the pump.
        let isBack = {
            subscriber.states("pump-1").dropFirst(states).contains { $0.phase == "ready" && $0.score == nil }
        }
        #expect(await eventually { isBack() })
        try await AgentUnderTest.simulatePump(
            port: broker.port, seconds: 200, faultAt: 40, start: "2026-03-01T00:06:40Z")
        #expect(
            await eventually(within: .seconds(60)) { subscriber.insights.contains { $0.kind == .anomaly } },
            "a fault within seconds of the restart is found only by what was learned before")
        #expect(subscriber.insights.map(\.seq).max() ?? 0 > before)
        #expect(Set(subscriber.insights.map(\.seq)).count == subscriber.insights.count)
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }

    @Test func aKilledAgentIsOfflineAndComesBackWithItsNumbers() async throws {
        let broker = try await MosquittoBroker.started()
        let agent = try AgentUnderTest(port: broker.port, rest: AgentUnderTest.pump)
        let subscriber = try await Subscriber(broker, topics: ["sedge/#"])
        var sedged = try agent.start()
        #expect(await eventually { subscriber.payloads("sedge/test/availability").last == "online" })
        try await AgentUnderTest.simulatePump(port: broker.port)
        #expect(await eventually(within: .seconds(60)) { subscriber.insights.contains { $0.kind == .anomaly } })
        sedged.kill9()
        #expect(await eventually { subscriber.payloads("sedge/test/availability").last == "offline" }, "the will")
        let before = try #require(subscriber.insights.map(\.seq).max())

        sedged = try agent.start()
        #expect(await eventually { subscriber.payloads("sedge/test/availability").last == "online" })
        try await AgentUnderTest.simulatePump(port: broker.port, start: "2026-03-02T00:00:00Z")
        #expect(await eventually(within: .seconds(60)) { subscriber.insights.contains { $0.seq > before } })
        let live = subscriber.insights.map(\.seq)
        #expect(Set(live).count == live.count, "no number is given twice")
        #expect(live == live.sorted())
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }
}
