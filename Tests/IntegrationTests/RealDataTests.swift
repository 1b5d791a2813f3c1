import SedgeCore
import TestSupport
import Testing

/// Recorded machines through mosquitto into the agent, seen by `mosquitto_sub`.
///
/// These show that the way works, on recordings whose faults the agent is known to find. How many of all recordings
/// it finds is a matter of evaluation, not of tests.
@Suite(.serialized) struct RealDataTests {
    private static let valve = "skab/data/valve1/10.csv"
    private static let machine = "nab/data/realKnownCause/machine_temperature_system_failure.csv"

    /// What a replay says of itself.
    private struct Sent: Decodable {
        let messages: Int64
    }

    /// Replays a file as fast as it goes and gives what came back, once the agent has read all of it.
    private func replay(_ file: String, as stream: String, _ configuration: String) async throws -> Subscriber {
        // Without a limit, since the agent may be slower than the replay.
        var options = MosquittoBroker.Options()
        options.lines = ["max_queued_messages 0"]
        let broker = try await MosquittoBroker.started(options)
        let agent = try AgentUnderTest(port: broker.port, mqtt: "sample_qos = 1", rest: configuration)
        let subscriber = try await Subscriber(broker, topics: ["sedge/#"])
        let sedged = try agent.start()
        #expect(await eventually { subscriber.payloads("sedge/test/availability").last == "online" })
        let path = try #require(TestData.path(file))
        let outcome = try await Launcher.run(
            .sedge,
            ["replay", path, "--port", "\(broker.port)", "--stream", stream, "--speed", "max", "--qos", "1", "--json"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let sent = try PayloadJSON.decode(Sent.self, from: Array(outcome.output.utf8)).messages
        let health = { subscriber.decoded(Health.self, under: "sedge/test/health").last }
        #expect(
            await eventually { health()?.decodedTotal == sent }, "\(sent) sent, then \(String(describing: health()))")
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
        return subscriber
    }

    @Test(.enabled(if: TestData.has(RealDataTests.valve), "\(TestData.note)"))
    func aValveThatClosesIsReported() async throws {
        let subscriber = try await replay(
            Self.valve, as: "valve-1",
            """
            [[stream]]
            topic = "plant/{stream}/sensors"
            time = "$.ts"
            hop = 1

            [stream.channels]
            accelerometer_1 = "$.Accelerometer1RMS"
            accelerometer_2 = "$.Accelerometer2RMS"
            current = "$.Current"
            pressure = "$.Pressure"
            temperature = "$.Temperature"
            thermocouple = "$.Thermocouple"
            voltage = "$.Voltage"
            flow = '$["Volume Flow RateRMS"]'
            """)
        #expect(subscriber.states("valve-1").last?.phase == "ready")
        let anomalies = subscriber.insights.filter { $0.kind == .anomaly && $0.phase == .start }
        // The recording marks the fault from 13:44:39 on; before it nothing happens.
        let fault = Timestamp(milliseconds: 1_583_761_479_000)
        #expect(!anomalies.isEmpty)
        #expect(anomalies.allSatisfy { $0.ts > fault }, "\(anomalies.map(\.ts.milliseconds))")
        #expect(anomalies.first?.channels?.count == 8)
    }

    @Test(.enabled(if: TestData.has(RealDataTests.machine), "\(TestData.note)"))
    func aMachineThatIsShutDownIsReported() async throws {
        let subscriber = try await replay(
            Self.machine, as: "machine-1",
            """
            [[stream]]
            topic = "plant/{stream}/sensors"
            channels = { temperature = "$.value" }
            time = "$.ts"
            hop = 1
            """)
        let anomalies = subscriber.insights.filter { $0.kind == .anomaly }
        let spans = Dictionary(grouping: anomalies, by: \.id).values.compactMap { event -> ClosedRange<Int64>? in
            guard let start = event.first?.start, let end = event.last?.end else { return nil }
            return start.milliseconds...max(start, end).milliseconds
        }
        // The benchmark's window of the planned shutdown, unix milliseconds.
        let shutdown: ClosedRange<Int64> = 1_387_129_800_000...1_387_299_600_000
        #expect(spans.contains { shutdown.overlaps($0) }, "\(spans)")
        #expect(subscriber.insights.contains { $0.kind == .state })
    }
}
