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

    /// As after the package is installed.
    @Test func theConfigurationThatThePackageCameWithIsReplaced() async throws {
        let packaged = try TestFile.read("\(AgentUnderTest.root)/firmware-config/sedge.toml")
        let folder = try await Launcher.run(.tool("mkdir"), [made])
        #expect(folder.status == 0)
        try TestFile.write(packaged, to: "\(made)/sedge.toml")
        let outcome = try await provision(["--node", "gw-3", "--host", "broker.example"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(TestFile.text("\(made)/sedge.toml").contains("broker.example"))

        try TestFile.write(packaged + Array("# edited\n".utf8), to: "\(made)/sedge.toml")
        #expect(try await provision(["--node", "gw-3"]).status == 65, "it is somebody's, of the node gw-1")
    }

    @Test(arguments: ["genpkey", "req"]) func whatOpenSSLDoesNotMakeIsNotPutInPlace(_ failing: String) async throws {
        let tools = TemporaryFolder()
        let real = try await Launcher.run(.tool("sh"), ["-c", "command -v openssl"]).output.dropLast()
        try tools.write("openssl", "#!/bin/sh\n[ \"$1\" != \(failing) ] || exit 1\nexec \(real) \"$@\"\n")
        #expect(try await Launcher.run(.tool("chmod"), ["755", tools.file("openssl")]).status == 0)
        let outcome = try await Launcher.run(
            .tool("\(AgentUnderTest.root)/firmware-config/provision/provision"), ["--folder", made, "--node", "gw-3"],
            environment: ["PATH": "\(tools.path):/usr/bin:/bin"])
        #expect(outcome.status == 70 && outcome.errors.contains("could not be made"), "\(outcome.errors)")
        #expect(try await provision(["--node", "gw-3"]).status == 0)
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
