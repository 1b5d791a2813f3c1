import SedgeCore
import TestSupport
import Testing

/// `sedge doctor` beside real brokers and a real agent.
@Suite(.serialized) struct DoctorTests {
    private struct Finding: Decodable {
        let level: String
        let check: String
        let subject: String?
        let found: String
        let advice: String?
    }

    private func doctor(_ agent: AgentUnderTest, seconds: Int = 3) async throws -> (status: Int32, findings: [Finding])
    {
        let outcome = try await Launcher.run(
            .sedge, ["doctor", "--config", agent.configurationPath, "--seconds", "\(seconds)", "--json"])
        #expect(outcome.errors.isEmpty, "\(outcome.errors)")
        return (outcome.status, try PayloadJSON.decode([Finding].self, from: Array(outcome.output.utf8)))
    }

    @Test func aHealthyGatewayPassesAndIsNotDisturbed() async throws {
        let broker = try await MosquittoBroker.started()
        let agent = try AgentUnderTest(port: broker.port, rest: AgentUnderTest.pump)
        let subscriber = try await Subscriber(broker, topics: ["sedge/#"])
        let sedged = try agent.start()
        #expect(await eventually { subscriber.payloads("sedge/test/availability").last == "online" })
        let sensor = try Launcher.start(
            .sedge, ["simulate", "--port", "\(broker.port)", "--streams", "pump", "--no-fault"])
        #expect(await eventually { !subscriber.states("pump-1").isEmpty })

        let (status, findings) = try await doctor(agent, seconds: 4)
        #expect(status == 0, "\(findings)")
        // Clock and disk are those of the machine that tests.
        #expect(findings.allSatisfy { $0.level == "ok" || ["clock", "disk"].contains($0.check) }, "\(findings)")
        let checks = ["configuration", "bundle", "kernel", "clock", "disk", "database", "broker", "agent", "stream"]
        #expect(findings.map(\.check) == checks)
        // An emulator's name stands there where there is one.
        #expect(findings[5].found.hasPrefix("in use by "))
        #expect(findings[5].found.contains(" (process \(sedged.identifier))"))
        #expect(findings[7].found.hasPrefix("online"))
        #expect(findings[8].subject == "pump-1" && findings[8].found.contains("all read; learning"))

        sensor.kill9()
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0, "\(sedged.errors)")
        #expect(!sedged.errors.contains("level=error"), "\(sedged.errors)")
        let (after, stopped) = try await doctor(agent, seconds: 1)
        #expect(after == ExitCode.unavailable.rawValue)
        let failed = stopped.filter { $0.level == "fail" }
        #expect(failed.first?.check == "agent" && failed.first?.advice?.contains("systemctl start sedged") == true)
        #expect(stopped.first { $0.check == "database" }?.found.hasPrefix("sound, schema") == true, "\(stopped)")
        #expect(try agent.start().isRunning, "the look left nothing in the agent's way")
    }

    @Test func aStreamThatCanNotBeReadSaysWhy() async throws {
        let broker = try await MosquittoBroker.started()
        let agent = try AgentUnderTest(port: broker.port, rest: AgentUnderTest.pump)
        let subscriber = try await Subscriber(broker, topics: ["sedge/#"])
        let sedged = try agent.start()
        #expect(await eventually { subscriber.payloads("sedge/test/availability").last == "online" })
        let sent = try Launcher.start(
            .tool("mosquitto_pub"),
            [
                "-p", "\(broker.port)", "-t", "plant/pump-1/sensors", "-m", "42;17;3", "--repeat",
                "\(100 * patience)", "--repeat-delay", "0.2",
            ])
        let (status, findings) = try await doctor(agent)
        #expect(status == ExitCode.data.rawValue, "\(findings)")
        let stream = try #require(findings.last)
        #expect(stream.level == "fail" && stream.subject == "pump-1")
        #expect(stream.found.contains("none can be read as json: "), "\(stream.found)")
        sent.kill9()
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }

    @Test func aWrongPasswordIsNamedAndNeverShown() async throws {
        var options = MosquittoBroker.Options()
        options.passwords = ["gw": "right-one"]
        let broker = try await MosquittoBroker.started(options)
        let secrets = TemporaryFolder()
        try secrets.write("password", "hunter2\n")
        let agent = try AgentUnderTest(
            port: broker.port, mqtt: "username = \"gw\"\npassword_file = \"\(secrets.file("password"))\"",
            rest: AgentUnderTest.pump)
        let outcome = try await Launcher.run(
            .sedge, ["doctor", "--config", agent.configurationPath, "--seconds", "1"])
        #expect(outcome.status == ExitCode.unavailable.rawValue)
        let line = try #require(outcome.output.split(separator: "\n").first { $0.hasPrefix("fail") })
        #expect(line.contains("wrong user name or password") || line.contains("not authorised"), "\(line)")
        #expect(line.contains("→ Check mqtt.username, mqtt.password_file"))
        #expect(!(outcome.output + outcome.errors).contains("hunter2"))
        #expect(!outcome.output.contains("\u{1B}"), "no colours in a file")
    }

    @Test func aWrongAuthorityIsATLSFailure() async throws {
        var options = MosquittoBroker.Options()
        options.certificates = try await TestCertificates()
        let broker = try await MosquittoBroker.started(options)
        let other = try await TestCertificates()
        let agent = try AgentUnderTest(
            port: broker.port, mqtt: "tls = { ca = \"\(other.ca)\" }", rest: AgentUnderTest.pump)
        let (status, findings) = try await doctor(agent, seconds: 1)
        #expect(status == ExitCode.unavailable.rawValue)
        let failed = try #require(findings.first { $0.level == "fail" })
        #expect(failed.check == "broker" && failed.found.contains("TLS failed"), "\(failed)")
    }

    @Test(arguments: [
        ("node = \"n\"\n[store]\npath = \"/nowhere/s.db\"\n[inference]\nbundle = \"BUNDLE\"", "disk", ExitCode.io),
        ("node = \"n\"\n[inference]\nbundle = \"/nowhere.safetensors\"", "bundle", .io),
        ("node = \"n\"\n[inference]\nbundle = \"no-such-bundle\"", "bundle", .configuration),
        ("node = \"n\"\nnod = 1", "configuration", .configuration),
        ("node = \"n\"\n[inference]\nbundle = \"BUNDLE\"\nkernel = \"mmx\"", "kernel", .configuration),
        (
            "node = \"n\"\n[inference]\nbundle = \"BUNDLE\"\n[[stream]]\ntopic = \"a/{stream}\"\n"
                + "channels = { x = \"$.x\" }\nhop = 9", "configuration", .configuration
        ),
    ])
    func theFirstFailureGivesTheStatus(text: String, check: String, code: ExitCode) async throws {
        let folder = TemporaryFolder()
        // Nobody listens on port 1, so that a broker would fail later than what is tested.
        let body = text.replacing("BUNDLE", with: AgentUnderTest.bundlePath) + "\n[mqtt]\nport = 1\n"
        let path = try folder.write("sedge.toml", body)
        let outcome = try await Launcher.run(.sedge, ["doctor", "--config", path, "--seconds", "1", "--json"])
        #expect(outcome.status == code.rawValue, "\(outcome.output)")
        let findings = try PayloadJSON.decode([Finding].self, from: Array(outcome.output.utf8))
        #expect(findings.first { $0.level == "fail" }?.check == check, "\(findings)")
    }

    @Test func aMissingFileIsOneFindingAndTheClock() async throws {
        let outcome = try await Launcher.run(.sedge, ["doctor", "--config", "/nowhere/sedge.toml"])
        #expect(outcome.status == ExitCode.configuration.rawValue)
        #expect(
            outcome.output.hasPrefix(
                "fail  configuration  /nowhere/sedge.toml: No such file or directory; nothing else can be checked → "))
    }
}
