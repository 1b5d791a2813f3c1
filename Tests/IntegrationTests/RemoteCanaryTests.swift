import Control
import SedgeCore
import TestSupport
import Testing

/// Harm that a real agent sees in itself while a change is on trial. Of the broker that is lost
/// `RemoteConfigurationTests` tells.
@Suite(.serialized) struct RemoteCanaryTests {
    private static func table(_ topic: String, _ more: String = "") -> String {
        #"{"topic":"\#(topic)","channels":{"x":"$.x"}\#(more)}"#
    }

    /// Fifteen streams that stay, and one that a change breaks: too few of all payloads to show in their sum.
    private static let many = """
        [[stream]]
        topic = "a/{stream}"
        channels = { x = "$.x" }
        [[stream]]
        topic = "b/{stream}"
        channels = { x = "$.x" }
        """

    private func becomesReverted(
        _ far: RemoteOperator, _ envelope: Envelope, _ reason: String, _ sedged: LaunchedProgram
    ) async {
        #expect(await far.reports("reverted", envelope), "\(sedged.errors)")
        let report = far.reports().last { $0.transaction == envelope.header.transaction }
        #expect(report?.reason?.contains(reason) == true, "\(report?.reason ?? "nothing")")
        #expect(report?.active == [:])
        #expect(sedged.isRunning)
    }

    @Test(arguments: [
        (Self.table("b/{stream}").replacing("$.x", with: "$.y"), "payloads of stream pump can not be read"),
        (Self.table("c/{stream}"), "no samples of stream pump come any more"),
    ])
    func oneStreamOfManyThatBreaks(table: String, reason: String) async throws {
        // At an emulated agent's pace, so that what it has not read yet does not hide what it reads.
        let far = try await RemoteOperator(canarySeconds: 4 * patience, rest: Self.many)
        let publisher = try await ChaosPublisher(far.broker)
        let sedged = try far.start()
        #expect(await eventually { far.subscriber.payloads("sedge/test/availability").last == "online" })
        let feeder = Task {
            while !Task.isCancelled {
                for stream in 0..<15 { await publisher.send("a/s\(stream)", #"{"x":1}"#) }
                await publisher.send("b/pump", #"{"x":1}"#)
                try? await Task.sleep(for: .milliseconds(50 * patience))
            }
        }
        // Known for longer than it will be silent.
        let health = { far.subscriber.decoded(Health.self, under: "sedge/test/health").last }
        #expect(await eventually { (health()?.decodedTotal ?? 0) > 1600 }, "\(sedged.errors)")
        let envelope = far.configuration(1, #"{"stream":[\#(Self.table("a/{stream}")),\#(table)]}"#)
        try await far.send(envelope)
        await becomesReverted(far, envelope, reason, sedged)
        let time = SystemTime.now().milliseconds
        #expect(
            await eventually { (far.subscriber.states("pump").last?.ts ?? 0) > time }, "the stream goes on as before")
        feeder.cancel()
        await feeder.value
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }

    @Test func memoryThatGrowsBeyondItsLimit() async throws {
        let far = try await RemoteOperator(canarySeconds: 20, control: "canary_memory_mb = 4")
        let publisher = try await ChaosPublisher(far.broker)
        let sedged = try far.start()
        #expect(await eventually { far.subscriber.payloads("sedge/test/availability").last == "online" })
        // An encoder's state for every channel of every stream that comes.
        let channels = (0..<16).map { #""c\#($0)":"$.x""# }.joined(separator: ",")
        let envelope = far.configuration(1, #"{"stream":[{"topic":"wide/{stream}","channels":{\#(channels)}}]}"#)
        try await far.send(envelope)
        #expect(await far.reports("canary", envelope), "\(sedged.errors)")
        for stream in 0..<60 { await publisher.send("wide/s\(stream)", #"{"x":1}"#) }
        await becomesReverted(far, envelope, "memory grew by ", sedged)
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }

    @Test func processorTimeBeyondItsLimit() async throws {
        let far = try await RemoteOperator(canarySeconds: 20, control: "canary_cpu_percent = 2")
        let publisher = try await ChaosPublisher(far.broker)
        let sedged = try far.start()
        #expect(await eventually { far.subscriber.payloads("sedge/test/availability").last == "online" })
        // What is usual is known after a minute.
        let health = { far.subscriber.decoded(Health.self, under: "sedge/test/health").last }
        #expect(await eventually(within: .seconds(100)) { (health()?.uptime ?? 0) >= 65 }, "\(sedged.errors)")
        let envelope = far.configuration(1, #"{"stream":[{"topic":"flood/{stream}","channels":{"x":"$.x"},"hop":1}]}"#)
        // Nobody listens to it before.
        let feeder = Task {
            var sent = 0
            while !Task.isCancelled {
                for _ in 0..<200 { await publisher.send("flood/s\(sent % 5)", #"{"x":\#(sent)}"#) }
                sent += 1
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
        try await far.send(envelope)
        await becomesReverted(far, envelope, " % of a core, before ", sedged)
        feeder.cancel()
        await feeder.value
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }

    @Test func alarmsBeyondTheirLimit() async throws {
        let far = try await RemoteOperator(canarySeconds: 30, control: "canary_alarms = 0")
        let sedged = try far.start()
        #expect(await eventually { far.subscriber.payloads("sedge/test/availability").last == "online" })
        try await AgentUnderTest.simulatePump(port: far.broker.port, seconds: 400, faultAt: nil)
        #expect(await eventually { far.subscriber.states("pump-1").last?.phase == "ready" }, "\(sedged.errors)")
        let pump =
            #"{"stream":[{"topic":"plant/{stream}/sensors","time":"$.ts","rate_hz":10,"min_severity":0.1,"#
            + #""channels":{"vibration":"$.vibration","temperature":"$.temperature","current":"$.current"}}]}"#
        let envelope = far.configuration(1, pump)
        try await far.send(envelope)
        #expect(await far.reports("canary", envelope), "\(sedged.errors)")
        try await AgentUnderTest.simulatePump(
            port: far.broker.port, seconds: 300, faultAt: 20, start: "2026-03-01T00:06:40Z")
        await becomesReverted(far, envelope, "began within ", sedged)
        #expect(far.subscriber.insights.contains { $0.kind == .anomaly && $0.phase == .start })
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }
}
