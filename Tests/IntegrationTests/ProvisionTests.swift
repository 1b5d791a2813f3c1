import TestSupport
import Testing

/// `firmware-config/provision`, with the real OpenSSL.
struct ProvisionTests {
    private let folder = TemporaryFolder()
    private var made: String { folder.file("sedge") }

    private func provision(_ arguments: [String]) async throws -> Launcher.Outcome {
        try await Launcher.run(
            .tool("\(AgentUnderTest.root)/firmware-config/provision/provision"), ["--folder", made] + arguments)
    }

    private func contents() throws -> [[UInt8]] {
        try ["node.key", "node.csr", "sedge.toml"].map { try TestFile.read("\(made)/\($0)") }
    }

    @Test func makesWhatTheAgentAcceptsAndNothingTwice() async throws {
        let key = "ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
        let first = try await provision(["--node", "gw-3", "--host", "localhost", "--trusted-key", key])
        #expect(first.status == 0, "\(first.errors)")
        #expect(first.output.split(separator: "\n").count == 3)
        let check = try await Launcher.run(
            .sedged, ["--check", "--config", "\(made)/sedge.toml"],
            environment: ["SEDGE_BUNDLES": "\(AgentUnderTest.root)/firmware-config/bundles"])
        #expect(check.status == 0, "\(check.errors)")

        let before = try contents()
        let second = try await provision(["--node", "gw-3", "--host", "elsewhere"])
        #expect(second.status == 0 && second.output.isEmpty, "\(second.output)\(second.errors)")
        #expect(try contents() == before)
    }

    @Test func theRequestCarriesTheNodeAndIsSignedByItsKey() async throws {
        #expect(try await provision(["--node", "gw-3"]).status == 0)
        let request = try await Launcher.run(
            .tool("openssl"), ["req", "-in", "\(made)/node.csr", "-noout", "-verify", "-subject"])
        #expect(request.status == 0 && request.output.contains("gw-3"), "\(request.output)\(request.errors)")
        let mode = try await Launcher.run(.tool("stat"), ["-c", "%a", "\(made)/node.key"])
        #expect(mode.output == "640\n")
    }

    @Test func anotherNodesFilesStayAsTheyAre() async throws {
        #expect(try await provision(["--node", "gw-3"]).status == 0)
        let before = try contents()
        let refused = try await provision(["--node", "gw-4"])
        #expect(refused.status == 65)
        #expect(refused.errors.contains("of the node gw-3, expected gw-4"), "\(refused.errors)")
        #expect(try contents() == before)
    }

    @Test(arguments: [
        (["--node", "a/b"], "--node: found a/b"), (["--host", "x;y"], "--host: found x;y"),
        (["--trusted-key", "ed25519:abc"], "--trusted-key: found ed25519:abc"), (["--node"], "expected a value"),
        (["--nodes", "x"], "found --nodes"),
    ])
    func nonsenseIsAnsweredWithASentence(arguments: [String], expected: String) async throws {
        let outcome = try await provision(arguments)
        #expect(outcome.status == 64 && outcome.errors.contains(expected), "\(outcome.errors)")
    }
}
