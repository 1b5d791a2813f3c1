import SedgeCore
import Testing
import TestSupport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Databases and folders that are not as the agent needs them.
@Suite(.serialized) struct ChaosFolderTests {
    /// Starts the agent as somebody whom permissions bind: root without its capabilities.
    private func startBound(_ agent: AgentUnderTest) throws -> LaunchedProgram {
        guard geteuid() == 0 else { return try agent.start() }
        return try Launcher.start(
            .tool("setpriv"),
            ["--inh-caps=-all", "--bounding-set=-all"] + Program.sedged.command + ["--config", agent.configurationPath])
    }

    private func isOneLine(_ text: String) -> Bool { text.split(separator: "\n").count == 1 }

    @Test func aFolderThatMayNotBeWrittenIsOneLineAndNoLoop() async throws {
        let agent = try AgentUnderTest(port: 1, rest: ChaosPublisher.stream)
        #expect(chmod(agent.folder.path, 0o500) == 0)
        let sedged = try startBound(agent)
        #expect(await sedged.waitForExit() == ExitCode.io.rawValue, "\(sedged.errors)")
        #expect(chmod(agent.folder.path, 0o700) == 0)
        #expect(isOneLine(sedged.errors) && sedged.errors.contains("sedge.db"), "\(sedged.errors)")
        #expect(sedged.errors.contains("ermission"), "\(sedged.errors)")
    }

    @Test func aFolderThatBecomesReadOnlyHoldsInsightsBackAndLosesNone() async throws {
        let broker = try await MosquittoBroker.started()
        let agent = try AgentUnderTest(port: broker.port, rest: ChaosPublisher.stream)
        let subscriber = try await Subscriber(broker, topics: ["sedge/#"])
        let publisher = try await ChaosPublisher(broker)
        let sedged = try startBound(agent)
        #expect(await eventually { subscriber.payloads("sedge/test/availability").last == "online" })
        for stream in 0..<3 { await publisher.sendFutureTime(stream) }
        #expect(await eventually { subscriber.insights.count == 3 })

        #expect(chmod(agent.folder.path, 0o500) == 0)
        for stream in 3..<6 { await publisher.sendFutureTime(stream) }
        #expect(await eventually { sedged.errors.contains("the store can not be written") }, "\(sedged.errors)")
        #expect(await eventually { !subscriber.states("s5").isEmpty }, "states go on")
        #expect(subscriber.insights.count == 3)

        #expect(chmod(agent.folder.path, 0o700) == 0)
        let all = { subscriber.insights + subscriber.backfill }
        #expect(await eventually { Set(all().map(\.seq)) == Set(1...6) }, "\(all().map(\.seq))")
        #expect(Set(all().map(\.stream)).count == 6)
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }

    @Test(.enabled(if: patience == 1, "an emulator's own files would meet the limit"))
    func aDiskThatIsFullAtTheStartIsOneLine() async throws {
        let agent = try AgentUnderTest(port: 1, rest: ChaosPublisher.stream)
        let outcome = try await Launcher.run(
            .tool("prlimit"), ["--fsize=1000:"] + Program.sedged.command + ["--config", agent.configurationPath])
        #expect(outcome.status == ExitCode.io.rawValue, "\(outcome.errors)")
        #expect(isOneLine(outcome.errors) && outcome.errors.contains(agent.databasePath), "\(outcome.errors)")
        // Nothing half made is in the way once there is space.
        let sedged = try agent.start()
        #expect(await eventually { sedged.errors.contains("is ready") }, "\(sedged.errors)")
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }

    /// Overwrites bytes of the database.
    private func patch(_ agent: AgentUnderTest, at offset: Int, _ bytes: [UInt8]) throws -> [UInt8] {
        var file = try TestFile.read(agent.databasePath)
        file.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        try TestFile.write(file, to: agent.databasePath)
        return file
    }

    private func runOnce(_ agent: AgentUnderTest, _ broker: MosquittoBroker, insights: Int) async throws {
        let subscriber = try await Subscriber(broker, topics: ["sedge/#"])
        let publisher = try await ChaosPublisher(broker)
        let sedged = try agent.start()
        #expect(await eventually { subscriber.payloads("sedge/test/availability").last == "online" })
        for stream in 0..<insights { await publisher.sendFutureTime(stream) }
        #expect(await eventually { subscriber.insights.count == insights }, "\(sedged.errors)")
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }

    @Test func aDatabaseOfANewerVersionIsRefusedUntouched() async throws {
        let broker = try await MosquittoBroker.started()
        let agent = try AgentUnderTest(port: broker.port, rest: ChaosPublisher.stream)
        try await runOnce(agent, broker, insights: 2)
        // `user_version` of SQLite's header.
        let file = try patch(agent, at: 60, [0, 0, 0, 99])
        let outcome = try await agent.run()
        #expect(outcome.status == ExitCode.io.rawValue)
        #expect(isOneLine(outcome.errors) && outcome.errors.contains("99"), "\(outcome.errors)")
        #expect(try TestFile.read(agent.databasePath) == file)
    }

    @Test func aDamagedDatabaseIsMovedAsideAndNumbersGoOn() async throws {
        let broker = try await MosquittoBroker.started()
        let agent = try AgentUnderTest(port: broker.port, rest: ChaosPublisher.stream)
        try await runOnce(agent, broker, insights: 5)
        _ = try patch(agent, at: 0, [UInt8](repeating: 0x5A, count: 8192))
        let subscriber = try await Subscriber(broker, topics: ["sedge/#"])
        let publisher = try await ChaosPublisher(broker)
        let sedged = try agent.start()
        #expect(await eventually { subscriber.payloads("sedge/test/availability").last == "online" })
        #expect(sedged.errors.contains("the database is damaged"), "\(sedged.errors)")
        #expect(sedged.errors.contains("sedge.db.damaged-"), "\(sedged.errors)")
        await publisher.sendFutureTime(7)
        #expect(await eventually { subscriber.insights.map(\.seq) == [6] }, "\(subscriber.insights.map(\.seq))")
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }
}
