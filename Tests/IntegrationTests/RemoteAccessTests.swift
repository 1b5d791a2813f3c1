import Control
import SedgeCore
import TestSupport
import Testing

/// The shipped access list with a real agent and a real operator behind it.
struct RemoteAccessTests {
    private static let list = "\(AgentUnderTest.root)/firmware-config/mosquitto/acl.conf"

    @Test func anOperatorChangesAGatewayAndAnotherGatewayCanNot() async throws {
        var options = MosquittoBroker.Options()
        options.passwords = ["test": "gateway", "gw-2": "neighbour", "operator-1": "operator"]
        options.lines = ["acl_file \(Self.list)"]
        let broker = try await MosquittoBroker.started(options)
        let folder = TemporaryFolder()
        let gatewayPassword = try folder.write("gateway.password", "gateway\n")
        let operatorPassword = try folder.write("operator.password", "operator\n")
        let made = try await Launcher.run(.sedge, ["keys", "new", folder.file("key")])
        let trusted = String(made.output.prefix { !$0.isNewline })
        let agent = try AgentUnderTest(
            port: broker.port,
            mqtt: """
                username = "test"
                password_file = "\(gatewayPassword)"
                """,
            rest: """
                [control]
                trusted_keys = ["\(trusted)"]
                canary_seconds = 1
                groups = ["plant"]
                \(AgentUnderTest.pump)
                """)
        let login = ["-u", "operator-1", "-P", "operator"]
        let reports = try await Subscriber(broker, topics: ["sedge/+/config/reported"], arguments: login)
        let sedged = try agent.start()
        #expect(await eventually { !reports.messages.isEmpty }, "\(sedged.errors)")
        #expect(!sedged.errors.contains("refused"), "\(sedged.errors)")

        try folder.write("layer.toml", "[adaptation]\nalarms_per_week = 2\n")
        for target in [["--node", "test"], ["--group", "plant"], ["--all"]] {
            let outcome = try await Launcher.run(
                .sedge,
                [
                    "config", "push", "--port", "\(broker.port)", "--username", "operator-1", "--password-file",
                    operatorPassword, "--signing-key", folder.file("key"), "--timeout", "30",
                ] + target + [folder.file("layer.toml")])
            #expect(outcome.status == 0, "\(target) \(outcome.errors)")
        }

        // A neighbour's message does not even arrive, well signed as it may be.
        let before = reports.messages.count
        let signed = try await Launcher.run(
            .sedge,
            [
                "config", "sign", "--signing-key", folder.file("key"), "--node", "test", "--as-version",
                "9000000000", folder.file("layer.toml"),
            ])
        try folder.write("envelope", signed.output)
        _ = try await Launcher.run(
            .tool("mosquitto_pub"),
            [
                "-h", "127.0.0.1", "-p", "\(broker.port)", "-q", "1", "-r", "-t", "sedge/test/config/desired", "-f",
                folder.file("envelope"), "-u", "gw-2", "-P", "neighbour",
            ])
        try await Task.sleep(for: .milliseconds(500))
        #expect(reports.messages.count == before)
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }
}
