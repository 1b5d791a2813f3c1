import SedgeCore
import Testing
import TestSupport

/// SIGKILL at any moment.
@Suite(.serialized) struct ChaosKillTests {
    @Test func noNumberIsLostOrGivenTwiceHoweverOftenItIsKilled() async throws {
        let broker = try await MosquittoBroker.started()
        let agent = try AgentUnderTest(
            port: broker.port, mqtt: "backfill_per_second = 500", rest: ChaosPublisher.stream)
        let subscriber = try await Subscriber(broker, topics: ["sedge/test/insight/#", "sedge/test/backfill/#"])
        let publisher = try await ChaosPublisher(broker)
        let feeder = Task {
            for number in 0... {
                if Task.isCancelled { return }
                await publisher.sendFutureTime(number % 200)
                try? await Task.sleep(for: .milliseconds(2))
            }
        }
        var random = SeededRandom(seed: 11)
        for round in 0..<20 {
            let sedged = try agent.start()
            // A busy machine starts it more slowly than some of the pauses last.
            if round.isMultiple(of: 3) { #expect(await eventually { sedged.errors.contains("is ready") }) }
            try await Task.sleep(for: .milliseconds(patience * (100 + Int(random.uniform() * 500))))
            sedged.kill9()
        }
        let sedged = try agent.start()
        let boot = { sedged.errors.split(separator: "boot_id=").last?.split(separator: " ").first.map(String.init) }
        #expect(await eventually { subscriber.insights.last?.bootID == boot() }, "\(sedged.errors)")
        feeder.cancel()
        await feeder.value
        let isWhole = await eventually(within: .seconds(60)) {
            let all = Set((subscriber.insights + subscriber.backfill).map(\.seq))
            return all == Set(1...Int64(max(all.count, 1)))
        }
        let live = subscriber.insights
        #expect(isWhole, "missing: \(Set(1...(live.last?.seq ?? 1)).subtracting(live.map(\.seq)).sorted())")
        #expect(zip(live, live.dropFirst()).allSatisfy { $0.seq < $1.seq }, "live numbers grow, none comes twice")
        #expect(Set(live.map(\.bootID)).count > 3)
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }

    @Test func anAnomalyCutOffByAKillIsEndedUnderItsName() async throws {
        let broker = try await MosquittoBroker.started()
        let agent = try AgentUnderTest(port: broker.port, rest: AgentUnderTest.pump)
        let subscriber = try await Subscriber(broker, topics: ["sedge/#"])
        var sedged = try agent.start()
        #expect(await eventually { subscriber.payloads("sedge/test/availability").last == "online" })
        try await AgentUnderTest.simulatePump(port: broker.port, seconds: 460)
        #expect(await eventually(within: .seconds(60)) { subscriber.insights.contains { $0.kind == .anomaly } })
        sedged.kill9()
        let anomalies = { subscriber.insights.filter { $0.kind == .anomaly } }
        let first = try #require(anomalies().first)
        #expect(first.phase == .start && anomalies().allSatisfy { $0.phase != .end })

        // Killed before its first checkpoint, so nothing but the event itself is known.
        sedged = try agent.start()
        #expect(await eventually { subscriber.states("pump-1").last?.phase == "learning" })
        #expect(subscriber.states("pump-1").last?.anomaly == "ON")
        try await AgentUnderTest.simulatePump(
            port: broker.port, seconds: 60, faultAt: nil, start: "2026-03-01T00:10:00Z")
        #expect(await eventually(within: .seconds(60)) { anomalies().last?.phase == .end })
        #expect(anomalies().last?.id == first.id)
        #expect(await eventually { subscriber.states("pump-1").last?.anomaly == "OFF" })
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }
    @Test func anAnomalyOfAStreamThatLeftTheConfigurationIsEnded() async throws {
        let broker = try await MosquittoBroker.started()
        let agent = try AgentUnderTest(port: broker.port, rest: AgentUnderTest.pump)
        let subscriber = try await Subscriber(broker, topics: ["sedge/#"])
        var sedged = try agent.start()
        #expect(await eventually { subscriber.payloads("sedge/test/availability").last == "online" })
        try await AgentUnderTest.simulatePump(port: broker.port, seconds: 460)
        #expect(await eventually(within: .seconds(60)) { subscriber.insights.contains { $0.kind == .anomaly } })
        sedged.kill9()
        let first = try #require(subscriber.insights.first { $0.kind == .anomaly })

        try agent.write(port: broker.port, rest: ChaosPublisher.stream)
        for _ in 0..<2 {
            sedged = try agent.start()
            #expect(await eventually { sedged.errors.contains("Connected") })
            #expect(await eventually { subscriber.backfill.contains { $0.phase == .end && $0.id == first.id } })
            #expect(await eventually { subscriber.payloads("sedge/test/state/pump-1").last == "" }, "and cleared")
            sedged.terminate()
            #expect(await sedged.waitForExit() == 0)
        }
        #expect(Set(subscriber.backfill.filter { $0.phase == .end }.map(\.seq)).count == 1, "once")
    }
}
