import SedgeCore
import Testing
import TestSupport

/// SIGKILL while the encoder's last block is retrained on what a stream has done.
@Suite struct RetrainingKillTests {
    @Test func aKillCostsTheRoundAndNothingElse() async throws {
        var options = MosquittoBroker.Options()
        options.lines = ["max_queued_messages 0"]
        let broker = try await MosquittoBroker.started(options)
        let agent = try AgentUnderTest(
            port: broker.port, mqtt: "sample_qos = 1",
            rest: """
                [adaptation]
                tier2 = true
                cpu_budget_percent = 50

                \(AgentUnderTest.pump)
                """)
        let subscriber = try await Subscriber(broker, topics: ["sedge/#"])
        var sedged = try agent.start()
        #expect(await eventually { subscriber.payloads("sedge/test/availability").last == "online" })
        // 2,000 steps: more segments than a round needs.
        try await AgentUnderTest.simulatePump(port: broker.port, seconds: 1600, faultAt: nil)
        let read = { subscriber.decoded(Health.self, under: "sedge/test/health").last?.decodedTotal }
        #expect(await eventually { read() == 16_000 }, "\(String(describing: read()))")
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
        let kept = try await replay(agent)
        #expect(kept >= 48, "\(kept) segments")

        // A round begins with the stream's first sample, as far as the machine has idle time, and can not end.
        var random = SeededRandom(seed: 7)
        for round in 0..<5 {
            sedged = try agent.start()
            #expect(await eventually { sedged.errors.contains("Connected") })
            try await AgentUnderTest.simulatePump(
                port: broker.port, seconds: 2, faultAt: nil, start: "2026-03-01T00:26:\(40 + 2 * round)Z")
            try await Task.sleep(for: .milliseconds(patience * (100 + Int(random.uniform() * 500))))
            sedged.kill9()
            #expect(try await replay(agent) >= kept, "after \(round + 1) kills")
        }
        #expect(!subscriber.insights.contains { $0.kind == .adaptation })

        sedged = try agent.start()
        #expect(await eventually { sedged.errors.contains("Connected") })
        try await AgentUnderTest.simulatePump(
            port: broker.port, seconds: 20, faultAt: nil, start: "2026-03-01T00:27:00Z")
        #expect(await eventually { subscriber.states("pump-1").last?.score != nil })
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
        #expect(!sedged.errors.contains("replay was lost") && !sedged.errors.contains("afresh"), "\(sedged.errors)")
    }

    /// Segments of the pump's replay, as `sedge inspect` finds them.
    private func replay(_ agent: AgentUnderTest) async throws -> Int {
        struct Row: Decodable {
            let replay: Int
        }
        let outcome = try await Launcher.run(.sedge, ["inspect", agent.databasePath, "--json"])
        guard outcome.status == 0 else { throw Launcher.Failure(description: outcome.errors) }
        return try PayloadJSON.decode([Row].self, from: Array(outcome.output.utf8)).first?.replay ?? 0
    }
}
