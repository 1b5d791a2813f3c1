import SedgeCore
import Testing
import TestSupport

/// Brokers that are not there.
@Suite(.serialized) struct OutageTests {
    @Test func insightsMadeDuringAnOutageArriveInOrderOnBackfill() async throws {
        let input = try await MosquittoBroker.started()
        // The output broker remembers its subscriber, who would otherwise have to be back before the agent is.
        var options = MosquittoBroker.Options()
        options.isPersistent = true
        let output = try await MosquittoBroker.started(options)
        let session = ["-c", "-i", "keeper", "-x", "3600"]
        let agent = try AgentUnderTest(
            port: input.port,
            rest: """
                [mqtt.publish]
                port = \(output.port)
                reconnect_max_s = 1

                \(AgentUnderTest.pump)
                """)
        let first = try await Subscriber(output, topics: ["sedge/#"], arguments: session)
        let sedged = try agent.start()
        #expect(await eventually { first.payloads("sedge/test/availability").last == "online" })
        first.stop()
        await output.stop()
        try await AgentUnderTest.simulatePump(port: input.port)
        #expect(await eventually(within: .seconds(60)) { sedged.errors.contains("Lost") })
        // On a busy machine it may still be reading, and what it finds once the broker is back is no backlog.
        #expect(await eventually(within: .seconds(60)) { await isIdle(sedged) })

        try await output.start()
        let second = try await Subscriber(output, topics: ["sedge/#"], arguments: session)
        #expect(await eventually(within: .seconds(60)) { second.backfill.contains { $0.kind == .anomaly } })
        let numbers = second.backfill.map(\.seq)
        #expect(numbers == numbers.sorted() && Set(numbers).count == numbers.count)
        #expect(second.backfill.allSatisfy { $0.resend == true })
        let all = Set(first.insights.map(\.seq) + second.insights.map(\.seq) + numbers)
        #expect(all == Set(1..<Int64(all.count) + 1), "nothing is missing: \(all.sorted())")
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }

    /// Whether a program takes next to no processor time.
    private func isIdle(_ program: LaunchedProgram) async -> Bool {
        let before = processorTicks(program)
        try? await Task.sleep(for: .seconds(1))
        return processorTicks(program) - before < 10
    }

    /// Hundredths of a second of processor time so far; proc(5).
    private func processorTicks(_ program: LaunchedProgram) -> Int {
        let fields = TestFile.text("/proc/\(program.identifier)/stat").split(separator: ")").last?.split(separator: " ")
        return fields.map { (Int($0[11]) ?? 0) + (Int($0[12]) ?? 0) } ?? 0
    }

    @Test func aBrokerThatComesLateIsFound() async throws {
        let broker = try await MosquittoBroker()
        let agent = try AgentUnderTest(port: broker.port, rest: AgentUnderTest.pump)
        let sedged = try agent.start()
        #expect(await eventually { sedged.errors.contains("Could not connect") })
        try await broker.start()
        let subscriber = try await Subscriber(broker, topics: ["sedge/#"])
        #expect(
            await eventually(within: .seconds(60)) { subscriber.payloads("sedge/test/availability").last == "online" })
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }

    @Test func aBrokerKilledForTenSecondsMidStreamIsRejoined() async throws {
        let broker = try await MosquittoBroker.started()
        let agent = try AgentUnderTest(port: broker.port, rest: AgentUnderTest.pump)
        let sedged = try agent.start()
        let first = try await Subscriber(broker, topics: ["sedge/#"])
        #expect(await eventually { first.payloads("sedge/test/availability").last == "online" })
        try await AgentUnderTest.simulatePump(port: broker.port, seconds: 100, faultAt: nil)
        #expect(await eventually { !first.states("pump-1").isEmpty })
        broker.kill()
        try await Task.sleep(for: .seconds(10))
        try await broker.start()
        let second = try await Subscriber(broker, topics: ["sedge/#", "homeassistant/#"])
        #expect(await eventually(within: .seconds(60)) { second.payloads("sedge/test/availability").last == "online" })
        // Subscribed again: new samples make new states.
        try await AgentUnderTest.simulatePump(
            port: broker.port, seconds: 100, faultAt: nil, start: "2026-03-01T00:01:40Z")
        let end: Int64 = 1_772_323_200_000 + 195_000
        #expect(await eventually(within: .seconds(60)) { (second.states("pump-1").last?.ts ?? 0) > end })
        #expect(second.messages.contains { $0.topic == "homeassistant/device/test/config" }, "announced again")
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }

    @Test func onceEndsWithItsOwnStatus() async throws {
        let broker = try await MosquittoBroker()
        let agent = try AgentUnderTest(port: broker.port, rest: AgentUnderTest.pump)
        let outcome = try await agent.run(["--once"])
        #expect(outcome.status == ExitCode.unavailable.rawValue)
        #expect(outcome.errors.contains("can not be reached"))
    }
}
