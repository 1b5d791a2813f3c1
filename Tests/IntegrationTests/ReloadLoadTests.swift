import Control
import SedgeCore
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Reloads in a flood of samples. `scripts/show/reloads` does the same for longer and faster.
@Suite(.serialized) struct ReloadLoadTests {
    private static let mqtt = "sample_qos = 1"

    /// What is measured, and a stream beside it that comes, changes and goes.
    private func configuration(_ round: Int) -> String {
        let extra = """

            [[stream]]
            topic = "e\(round % 3)/{stream}"
            channels = { x = "$.x" }
            """
        return """
            [adaptation]
            alarms_per_week = \(1 + round % 2)

            \(ChaosPublisher.stream)
            hop = 2
            min_severity = 0.\(round % 9)
            """ + (round % 2 == 0 ? extra : "")
    }

    /// The same, as it is sent.
    private func layer(_ round: Int) -> String {
        let extra = #",{"topic":"e\#(round % 3)/{stream}","channels":{"x":"$.x"}}"#
        return #"""
            {"adaptation":{"alarms_per_week":\#(1 + round % 2)},
            "stream":[{"topic":"c/{stream}","channels":{"x":"$.x"},"time":"$.ts","hop":2,
            "min_severity":0.\#(round % 9)}\#(round % 2 == 0 ? extra : "")]}
            """#
    }

    private func isReady(_ subscriber: Subscriber) async -> Bool {
        await eventually(within: .seconds(60)) {
            (0..<SampleFlood.streams).allSatisfy { subscriber.states("s\($0)").last?.phase == "ready" }
        }
    }

    private func checkNothingIsLost(of sent: Int, _ subscriber: Subscriber) async {
        let health = { subscriber.decoded(Health.self, under: "sedge/test/health").last }
        #expect(
            await eventually(within: .seconds(60)) { health()?.decodedTotal == Int64(sent) },
            "\(sent): \(String(describing: health()))")
        #expect(health()?.messagesTotal == Int64(sent))
        #expect(health()?.droppedTotal == 0 && health()?.reconnectsTotal == 0 && health()?.decodeErrorsTotal == 0)
        for stream in 0..<SampleFlood.streams {
            let phases = subscriber.states("s\(stream)").map(\.phase)
            #expect(phases.drop { $0 == "learning" }.allSatisfy { $0 == "ready" }, "learned once: \(phases)")
        }
        let numbers = subscriber.insights.map(\.seq)
        #expect(numbers == Array(1...Int64(max(1, numbers.count))), "\(numbers)")
        #expect(Set(subscriber.insights.map(\.bootID)).count == 1)
    }

    @Test func tenReloadsLoseNoSampleAndNothingLearned() async throws {
        let broker = try await MosquittoBroker.started()
        let agent = try AgentUnderTest(port: broker.port, mqtt: Self.mqtt, rest: configuration(0))
        let subscriber = try await Subscriber(broker, topics: ["sedge/#"])
        let sedged = try agent.start()
        #expect(await eventually { subscriber.payloads("sedge/test/availability").last == "online" })
        let flood = try await SampleFlood(broker)
        #expect(await isReady(subscriber))
        let reload = "the configuration is applied"
        for round in 1...10 {
            try agent.replace(port: broker.port, mqtt: Self.mqtt, rest: configuration(round))
            sedged.signal(SIGHUP)
            let applied = { sedged.errors.split(separator: reload).count - 1 }
            #expect(await eventually { applied() == round }, "\(sedged.errors)")
        }
        await checkNothingIsLost(of: await flood.stop(), subscriber)
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }

    @Test func sixSignedMessagesLoseNoSampleAndNothingLearned() async throws {
        let far = try await RemoteOperator(rest: configuration(0))
        try far.trust(mqtt: Self.mqtt)
        let sedged = try far.start()
        #expect(await eventually { far.subscriber.payloads("sedge/test/availability").last == "online" })
        let flood = try await SampleFlood(far.broker)
        #expect(await isReady(far.subscriber))
        for round in 1...6 {
            let envelope = far.configuration(Int64(round), layer(round))
            try await far.send(envelope)
            // The third is taken back while it is on trial: a fourth one comes.
            #expect(await far.reports(round == 3 ? "canary" : "active", envelope), "\(sedged.errors)")
        }
        // An emulated agent may be through with its trial before the fourth one is sent.
        if patience == 1 { #expect(far.reports().contains { $0.status == "reverted" && $0.version == 3 }) }
        #expect(sedged.errors.split(separator: "the configuration is applied").count - 1 >= 6)
        await checkNothingIsLost(of: await flood.stop(), far.subscriber)
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }
}
