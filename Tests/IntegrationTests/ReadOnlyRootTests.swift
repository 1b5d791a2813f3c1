import TestSupport
import Testing

/// The agent on a file system of which it can write one folder, as on a gateway with a read-only root.
struct ReadOnlyRootTests {
    private let folder = TemporaryFolder()

    /// Makes all but one folder read-only, proves it, and becomes the agent.
    private static let script = """
        set -e
        folder=$1
        shift
        mount --bind "$folder" "$folder"
        mount --bind "$folder/state" "$folder/state"
        mount -o remount,bind,ro "$folder"
        mount -o remount,bind,ro /
        if touch "$folder/proof" 2>/dev/null; then exit 99; fi
        exec "$@"
        """

    private static let mounts = ["--mount", "--map-root-user", "--propagation", "private"]

    private static func canMount() async throws -> Bool {
        guard Program.tool("unshare").exists else { return false }
        return try await Launcher.run(
            .tool("unshare"), mounts + ["mount", "-o", "remount,bind,ro", "/"]
        ).status == 0
    }

    @Test(.enabled("mounts are not allowed here", canMount))
    func learnsAndKeepsItInTheOneFolderThatItCanWrite() async throws {
        let broker = try await MosquittoBroker.started()
        #expect(try await Launcher.run(.tool("mkdir"), [folder.file("state")]).status == 0)
        let configuration = try folder.write(
            "sedge.toml",
            """
            node = "fixed"

            [mqtt]
            port = \(broker.port)

            [store]
            path = "\(folder.file("state"))/sedge.db"

            [inference]
            bundle = "\(AgentUnderTest.bundlePath)"

            \(AgentUnderTest.pump)
            """)
        func start() throws -> LaunchedProgram {
            try Launcher.start(
                .tool("unshare"),
                Self.mounts + ["sh", "-c", Self.script, "sh", folder.path] + Program.sedged.command
                    + ["--config", configuration])
        }
        let states = try await Subscriber(broker, topics: ["sedge/fixed/state/#"])
        let agent = try start()
        #expect(await eventually { agent.errors.contains("Connected to") }, "\(agent.errors)")
        try await AgentUnderTest.simulatePump(port: broker.port, seconds: 60, faultAt: nil)
        #expect(await eventually { !states.messages.isEmpty }, "\(agent.errors)")
        agent.terminate()
        #expect(await agent.waitForExit() == 0, "\(agent.errors)")
        #expect(try TestFile.read("\(folder.file("state"))/sedge.db").count > 0)

        // And again from what it kept, after the power was cut.
        let second = try start()
        #expect(await eventually { second.errors.contains("Connected to") }, "\(second.errors)")
        second.kill9()
        let third = try start()
        #expect(await eventually { third.errors.contains("Connected to") }, "\(third.errors)")
        third.terminate()
        #expect(await third.waitForExit() == 0, "\(third.errors)")
    }
}
