import SedgeCore
import Testing
import TestSupport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Reloads in a flood of samples. `scripts/show/reloads` does the same for longer and faster.
@Suite(.serialized) struct ReloadLoadTests {
    private static let streams = 5
    private static let rate = 500

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

    @Test func tenReloadsLoseNoSampleAndNothingLearned() async throws {
        let broker = try await MosquittoBroker.started()
        let mqtt = "sample_qos = 1"
        let agent = try AgentUnderTest(port: broker.port, mqtt: mqtt, rest: configuration(0))
        let subscriber = try await Subscriber(broker, topics: ["sedge/#"])
        let publisher = try await ChaosPublisher(broker)
        let sedged = try agent.start()
        #expect(await eventually { subscriber.payloads("sedge/test/availability").last == "online" })

        let feeder = Task {
            var random = SeededRandom(seed: 3)
            let clock = ContinuousClock()
            let (begin, start) = (clock.now, SystemTime.now().milliseconds)
            var sent = 0
            while !Task.isCancelled {
                let time = start + Int64(sent / Self.streams) * Int64(1000 * Self.streams / Self.rate)
                await publisher.send("c/s\(sent % Self.streams)", #"{"x":\#(random.uniform()),"ts":\#(time)}"#)
                sent += 1
                try? await clock.sleep(until: begin + .milliseconds(sent * 1000 / Self.rate))
            }
            return sent
        }
        let isReady = { (0..<Self.streams).allSatisfy { subscriber.states("s\($0)").last?.phase == "ready" } }
        #expect(await eventually(within: .seconds(60)) { isReady() })
        let reload = "the configuration is applied"
        for round in 1...10 {
            try agent.replace(port: broker.port, mqtt: mqtt, rest: configuration(round))
            sedged.signal(SIGHUP)
            let applied = { sedged.errors.split(separator: reload).count - 1 }
            #expect(await eventually { applied() == round }, "\(sedged.errors)")
        }
        await publisher.sendFutureTime(0)
        await publisher.sendFutureTime(1)
        feeder.cancel()
        let sent = await feeder.value + 2
        let health = { subscriber.decoded(Health.self, under: "sedge/test/health").last }
        #expect(
            await eventually(within: .seconds(60)) { health()?.decodedTotal == Int64(sent) },
            "\(sent): \(String(describing: health()))")
        #expect(health()?.messagesTotal == Int64(sent))
        #expect(health()?.droppedTotal == 0 && health()?.reconnectsTotal == 0 && health()?.decodeErrorsTotal == 0)
        for stream in 0..<Self.streams {
            let phases = subscriber.states("s\(stream)").map(\.phase)
            #expect(phases.drop { $0 == "learning" }.allSatisfy { $0 == "ready" }, "learned once: \(phases)")
        }
        let numbers = subscriber.insights.map(\.seq)
        #expect(numbers == Array(1...Int64(max(1, numbers.count))), "\(numbers)")
        #expect(Set(subscriber.insights.map(\.bootID)).count == 1)
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }
}
