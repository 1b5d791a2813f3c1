import SedgeCore
import Testing
import TestSupport

/// Disks that take no more.
@Suite(.serialized) struct ChaosDiskTests {
    /// Lets files of the program grow to so many bytes: a full disk, for everybody who may run tests.
    private func limitFiles(of program: LaunchedProgram, to bytes: String) async throws {
        let outcome = try await Launcher.run(
            .tool("prlimit"), ["--pid", "\(program.identifier)", "--fsize=\(bytes):"])
        guard outcome.status == 0 else { throw Launcher.Failure(description: outcome.errors) }
    }

    @Test func insightsOfAFullDiskComeWhenThereIsSpace() async throws {
        let broker = try await MosquittoBroker.started()
        let agent = try AgentUnderTest(port: broker.port, rest: ChaosPublisher.stream)
        let subscriber = try await Subscriber(broker, topics: ["sedge/#"])
        let publisher = try await ChaosPublisher(broker)
        let sedged = try agent.start()
        #expect(await eventually { subscriber.payloads("sedge/test/availability").last == "online" })
        for stream in 0..<5 { await publisher.sendFutureTime(stream) }
        #expect(await eventually { subscriber.insights.count == 5 })

        try await limitFiles(of: sedged, to: "16384")
        for stream in 5..<25 { await publisher.sendFutureTime(stream) }
        #expect(await eventually { !subscriber.states("s24").isEmpty }, "states go on")
        #expect(await eventually { sedged.errors.contains("the store can not be written") })
        try await Task.sleep(for: .seconds(2))
        #expect(sedged.errors.split(separator: "the store can not be written").count == 2, "said once")
        #expect(subscriber.insights.count == 5 && subscriber.backfill.isEmpty, "nothing is said that is not stored")

        try await limitFiles(of: sedged, to: "unlimited")
        let all = { subscriber.insights + subscriber.backfill }
        #expect(await eventually { all().count == 25 })
        #expect(all().map(\.seq) == Array(1...25))
        #expect(Set(all().map(\.stream)).count == 25)
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }

    @Test func aSecondAgentOnTheSameDatabaseIsRefused() async throws {
        let broker = try await MosquittoBroker.started()
        let agent = try AgentUnderTest(port: broker.port, rest: ChaosPublisher.stream)
        let first = try agent.start()
        #expect(await eventually { first.errors.contains("is ready") })
        let second = try await agent.run()
        #expect(second.status == ExitCode.io.rawValue)
        #expect(second.errors.contains("another process has the database open"))
        #expect(second.errors.split(separator: "\n").count == 1, "\(second.errors)")
        #expect(first.isRunning)
        first.terminate()
        #expect(await first.waitForExit() == 0)
    }
}
