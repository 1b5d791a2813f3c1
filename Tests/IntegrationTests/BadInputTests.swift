import SedgeCore
import Testing
import TestSupport

/// What operators and sensors get wrong.
@Suite(.serialized) struct BadInputTests {
    private func outcome(of rest: String, mqtt: String = "") async throws -> Launcher.Outcome {
        try await AgentUnderTest(port: 1, mqtt: mqtt, rest: rest).run(["--check"])
    }

    @Test(arguments: [
        ("[[stream]]\ntopic = \"a/{stream}\"\nchanels = {}", "stream[0].chanels", "unknown key"),
        (
            "[[stream]]\ntopic = \"a/{stream}\"\nchannels = { x = \"$.x\" }\nrate_hz = \"fast\"", "stream[0].rate_hz",
            "\"fast\""
        ),
        ("[[stream]]\ntopic = \"a/{stream}\"\nchannels = { x = \"$.x\" }\nhop = 9", "stream[0].hop", "found 9"),
        ("[[stream]]\ntopic = \"a/{stream\"\nchannels = { x = \"$.x\" }", "stream[0].topic", "a/{stream"),
        ("[[stream]]\ntopic = \"a/{stream}\"\nchannels = { x = \"x[\" }", "stream[0].channels", "x["),
        ("[adaptation]\nalarms_per_week = 0", "adaptation.alarms_per_week", "found 0"),
        ("[[stream]\n", "line", "TOML"),
    ])
    func aBadConfigurationIsRefusedByKeyPlaceAndValue(rest: String, place: String, found: String) async throws {
        let outcome = try await outcome(of: rest)
        #expect(outcome.status == ExitCode.configuration.rawValue, "\(outcome.errors)")
        #expect(outcome.errors.contains(place) && outcome.errors.contains(found), "\(outcome.errors)")
        #expect(outcome.errors.contains("line "), "it names the line: \(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1, "one line, no stack trace")
    }

    @Test func aGoodConfigurationIsSaidToBeGood() async throws {
        let outcome = try await outcome(of: AgentUnderTest.pump)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("OK"))
    }

    @Test func aMissingConfigurationIsOneLine() async throws {
        let outcome = try await Launcher.run(.sedged, ["--config", "/nowhere/sedge.toml"])
        #expect(outcome.status == ExitCode.configuration.rawValue)
        #expect(outcome.errors == "sedged: /nowhere/sedge.toml: No such file or directory\n")
    }

    @Test func aDamagedBundleIsRefusedByName() async throws {
        let folder = TemporaryFolder()
        var bytes = try TestFile.read(AgentUnderTest.bundlePath)
        bytes[bytes.count - 5000] ^= 4
        try TestFile.write(bytes, to: folder.file("flipped.safetensors"))
        try TestFile.write(Array(bytes[..<1000]), to: folder.file("short.safetensors"))
        for name in ["flipped", "short"] {
            let path = folder.file("sedge.toml")
            try folder.write(
                "sedge.toml",
                """
                node = "n"
                [store]
                path = "\(folder.file("sedge.db"))"
                [inference]
                bundle = "\(folder.file(name + ".safetensors"))"
                """)
            let outcome = try await Launcher.run(.sedged, ["--config", path])
            #expect(outcome.status == ExitCode.data.rawValue, "\(outcome.errors)")
            #expect(outcome.errors.contains("bundle"), "\(outcome.errors)")
        }
    }

    @Test func aFolderThatIsNotThereEndsWithIO() async throws {
        let folder = TemporaryFolder()
        try folder.write(
            "sedge.toml",
            """
            node = "n"
            [store]
            path = "/nowhere/at/all/sedge.db"
            [inference]
            bundle = "\(AgentUnderTest.bundlePath)"
            """)
        let outcome = try await Launcher.run(.sedged, ["--config", folder.file("sedge.toml")])
        #expect(outcome.status == ExitCode.io.rawValue)
        #expect(outcome.errors.contains("/nowhere/at/all/sedge.db"))
    }

    @Test func badPayloadsAreCountedAndTheStreamGoesOn() async throws {
        let broker = try await MosquittoBroker.started()
        let agent = try AgentUnderTest(port: broker.port, rest: AgentUnderTest.pump)
        let subscriber = try await Subscriber(broker, topics: ["sedge/#"])
        let sedged = try agent.start()
        #expect(await eventually { subscriber.payloads("sedge/test/availability").last == "online" })
        let folder = TemporaryFolder()
        let nested = String(repeating: "[", count: 50_000)
        let bad: [[UInt8]] = [
            Array("{".utf8), Array("not json".utf8), [0, 255, 254, 1], Array(nested.utf8), Array("{}".utf8),
            Array(#"{"vibration":NaN}"#.utf8), Array(#"{"vibration":"x","ts":"yesterday"}"#.utf8),
            Array(repeating: 0x20, count: (1 << 20) + 1),
        ]
        for payload in bad {
            try TestFile.write(payload, to: folder.file("payload"))
            let sent = try await Launcher.run(
                .tool("mosquitto_pub"),
                ["-p", "\(broker.port)", "-q", "1", "-t", "plant/pump-1/sensors", "-f", folder.file("payload")])
            #expect(sent.status == 0, "\(sent.errors)")
        }
        try await AgentUnderTest.simulatePump(port: broker.port, seconds: 100, faultAt: nil)
        #expect(await eventually { !subscriber.states("pump-1").isEmpty }, "the pipeline lives")
        let health = { subscriber.decoded(Health.self, under: "sedge/test/health").last }
        #expect(
            await eventually { health().map { $0.decodeErrorsTotal >= 5 && $0.droppedTotal == 1 } == true },
            "\(String(describing: health()))")
        let complaints = sedged.errors.split(separator: "\n").filter { $0.contains("can not be read") }
        #expect(complaints.count == 1, "once a minute a stream: \(complaints)")
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }
}
