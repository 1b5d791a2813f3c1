import TestSupport
import Testing

/// What lies in `firmware-config/` does what it says, on the real programs.
struct GatewayFilesTests {
    private static let folder = AgentUnderTest.root + "/firmware-config"

    /// Lines of a shipped mosquitto configuration, without comments and without the keys in `dropped`.
    private func lines(_ file: String, without dropped: [String] = []) throws -> [String] {
        let text = String(decoding: try TestFile.read("\(Self.folder)/mosquitto/\(file)"), as: UTF8.self)
        return text.split(separator: "\n").map(String.init).filter { line in
            !line.hasPrefix("#") && !dropped.contains { line.hasPrefix($0) }
        }
    }

    @Test(arguments: [
        "amd64", "am62x", "imx8m-plus", "raspberry-pi-3", "raspberry-pi-4", "raspberry-pi-5", "raspberry-pi-zero-2w",
    ])
    func aProfileIsAValidConfiguration(name: String) async throws {
        let outcome = try await Launcher.run(
            .sedged, ["--check", "--config", "\(Self.folder)/profiles/\(name).toml"],
            environment: ["SEDGE_BUNDLES": "\(Self.folder)/bundles"])
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    @Test func thePackagedConfigurationIsValid() async throws {
        let outcome = try await Launcher.run(
            .sedged, ["--check", "--config", "\(Self.folder)/sedge.toml"],
            environment: ["SEDGE_BUNDLES": "\(Self.folder)/bundles"])
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    @Test(.enabled(if: Program.tool("systemd-analyze").exists, "systemd-analyze is not here"))
    func theUnitIsHardlyExposed() async throws {
        let outcome = try await Launcher.run(
            .tool("systemd-analyze"),
            ["security", "--offline=true", "--no-pager", "--threshold=15", "\(Self.folder)/systemd/sedged.service"])
        // The threshold is in tenths: 1.5.
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        let line = outcome.output.split(separator: "\n").first { $0.contains("Overall exposure level") }
        #expect(line?.contains("sedged.service") == true)
        print(line ?? "no exposure")
        // Retraining asks for SCHED_IDLE, the runtime's threads for nice values; @resources would deny both.
        let unit = String(decoding: try TestFile.read("\(Self.folder)/systemd/sedged.service"), as: UTF8.self)
        #expect(unit.contains("\nSystemCallFilter=sched_setscheduler setpriority\n"))
    }

    @Test func everyoneWritesOnlyWhatTheAccessListGrants() async throws {
        var options = MosquittoBroker.Options()
        options.passwords = ["gw-1": "1", "gw-2": "2", "operator-1": "3", "homeassistant": "4"]
        options.lines = ["acl_file \(Self.folder)/mosquitto/acl.conf"]
        let broker = try await MosquittoBroker.started(options)
        func login(_ user: String) -> [String] { ["-u", user, "-P", options.passwords[user]!] }
        let operators = try await Subscriber(broker, topics: ["sedge/#"], arguments: login("operator-1"))
        let gateway = try await Subscriber(
            broker, topics: ["sedge/gw-1/config/desired", "sedge/gw-1/feedback/+", "sedge/group/+/config/desired"],
            arguments: login("gw-1"))
        let stranger = try await Subscriber(broker, topics: ["sedge/#"], arguments: login("gw-2"))

        let attempts: [(user: String, topic: String, isAllowed: Bool)] = [
            ("gw-1", "sedge/gw-1/health", true), ("gw-1", "sedge/gw-1/state/pump", true),
            ("gw-1", "sedge/gw-2/health", false), ("gw-1", "sedge/group/all/config/desired", false),
            ("gw-2", "sedge/gw-1/config/desired", false), ("operator-1", "sedge/gw-1/config/desired", true),
            ("operator-1", "sedge/group/all/config/desired", true), ("operator-1", "sedge/gw-1/state/pump", false),
            ("operator-1", "sedge/gw-1/insight/anomaly/pump", false), ("homeassistant", "sedge/gw-1/feedback/p", true),
            ("homeassistant", "sedge/gw-1/config/desired", false), ("gw-2", "sedge/gw-1/model/desired/3", false),
            ("gw-2", "sedge/gw-1/model/apply", false), ("gw-2", "sedge/gw-1/keys/desired", false),
            ("gw-1", "sedge/group/all/keys/desired", false), ("gw-1", "sedge/group/plant/model/desired/0", false),
            ("gw-1", "sedge/gw-2/config/reported", false), ("operator-1", "sedge/gw-1/config/reported", false),
            ("operator-1", "sedge/gw-1/availability", false),
        ]
        for (number, attempt) in attempts.enumerated() {
            let outcome = try await Launcher.run(
                .tool("mosquitto_pub"),
                ["-h", "127.0.0.1", "-p", "\(broker.port)", "-q", "1", "-t", attempt.topic, "-m", "\(number)"]
                    + login(attempt.user))
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        // The broker answers in order, so the last allowed one closes the account.
        let allowed = attempts.indices.filter { attempts[$0].isAllowed }.map(String.init)
        _ = await eventually { operators.messages.count >= allowed.count && gateway.messages.count >= 3 }
        #expect(operators.messages.map(\.payload) == allowed)
        #expect(gateway.messages.map(\.payload) == ["5", "6", "9"])
        // Another gateway sees what is meant for its groups, and nothing else.
        #expect(stranger.messages.map(\.payload) == ["6"])
    }

    /// Beside Debian's own configuration, which says where the state lies; twice is an error.
    @Test func theLocalBrokerStartsAsItIs() async throws {
        var options = MosquittoBroker.Options()
        options.isPersistent = true
        options.lines = try lines("local.conf", without: ["listener", "allow_anonymous", "autosave_interval"])
        #expect(options.lines.contains("persistence true"))
        let broker = try await MosquittoBroker.started(options)
        let subscriber = try await Subscriber(broker, topics: ["a"])
        try await publish("a", "1", to: broker)
        #expect(await eventually { subscriber.payloads("a") == ["1"] })
    }

    /// With TLS a certificate's name takes the password's place.
    @Test func aProvisionedGatewayHearsItsSensors() async throws {
        let made = TemporaryFolder()
        let provisioned = try await Launcher.run(
            .tool("\(Self.folder)/provision/provision"), ["--folder", made.file("sedge"), "--node", "gw-1"])
        #expect(provisioned.status == 0, "\(provisioned.errors)")
        let configuration = TestFile.text(made.file("sedge/sedge.toml"))
        let topic = try #require(configuration.firstMatch(of: /topic = "([^"]+)"/)).1
        var options = MosquittoBroker.Options()
        options.passwords = ["gw-1": "1", "sensor-1": "2"]
        options.lines = ["acl_file \(Self.folder)/mosquitto/acl.conf"]
        let broker = try await MosquittoBroker.started(options)
        let gateway = try await Subscriber(
            broker, topics: [String(topic.replacing("{stream}", with: "+")), "sedge/gw-1/health"],
            arguments: ["-u", "gw-1", "-P", "1"])
        for (user, password, topic, payload) in [
            ("sensor-1", "2", "sensors/gw-1/pump-2/state", "not its own"),
            ("sensor-1", "2", "sensors/gw-1/pump-1/state", "sample"), ("gw-1", "1", "sedge/gw-1/health", "health"),
        ] {
            try await publish(topic, payload, to: broker, ["-u", user, "-P", password])
        }
        #expect(await eventually { gateway.messages.map(\.payload) == ["sample", "health"] }, "\(gateway.messages)")
    }

    @Test func theBridgeKeepsWhatTheCloudHasMissed() async throws {
        let cloud = try await MosquittoBroker.started()
        let local = try await MosquittoBroker.started(bridged(to: cloud))
        let above = try await Subscriber(cloud, topics: ["sedge/#"])
        try await publish("sedge/gw-1/insight/anomaly/pump", "before", to: local)
        #expect(await eventually { above.messages.map(\.payload) == ["before"] })
        let below = try await Subscriber(local, topics: ["sedge/gw-1/config/desired"])
        try await publish("sedge/gw-1/config/desired", "new", to: cloud)
        #expect(await eventually { below.messages.map(\.payload) == ["new"] })
        // What is desired goes down alone.
        try await publish("sedge/gw-1/config/desired", "echo", to: local)

        above.stop()
        await cloud.stop()
        // Retained only so that a subscriber who comes later sees it.
        try await publish("sedge/gw-1/state/pump", "while away", to: local, ["-r"])
        try await cloud.start()
        let again = try await Subscriber(cloud, topics: ["sedge/gw-1/#"])
        try await publish("sedge/gw-1/insight/anomaly/pump", "after", to: local)
        #expect(await eventually { Set(again.messages.map(\.payload)).isSuperset(of: ["while away", "after"]) })
        #expect(!again.messages.contains { $0.payload == "echo" })
    }

    @Test func theCloudKeepsWhatTheBridgeHasMissed() async throws {
        let cloud = try await MosquittoBroker.started()
        let local = try await MosquittoBroker.started(bridged(to: cloud))
        // As the agent does it: the local broker knows its session.
        let session = ["-i", "sedge-gw-1", "-c"]
        let below = try await Subscriber(local, topics: ["sedge/gw-1/config/desired"], arguments: session)
        // Again until it has come: the bridge subscribes when it is there.
        #expect(
            await eventually {
                try? await publish("sedge/gw-1/config/desired", "before", to: cloud)
                return !below.messages.isEmpty
            })
        below.stop()
        await local.stop()
        try await publish("sedge/gw-1/config/desired", "while away", to: cloud)
        try await local.start()
        let again = try await Subscriber(local, topics: ["sedge/gw-1/config/desired"], arguments: session)
        #expect(await eventually { again.messages.last?.payload == "while away" }, "\(again.messages)")
    }

    /// The shipped bridge, without TLS and in a hurry.
    private func bridged(to cloud: MosquittoBroker) throws -> MosquittoBroker.Options {
        var options = MosquittoBroker.Options()
        options.isPersistent = true
        let bridge = try lines("bridge.conf", without: ["bridge_cafile", "bridge_certfile", "bridge_keyfile"])
        options.lines = bridge.map { line in
            switch line {
            case let address where address.hasPrefix("address"): "address 127.0.0.1:\(cloud.port)"
            case let timeout where timeout.hasPrefix("restart_timeout"): "restart_timeout 1 1"
            default: line
            }
        }
        #expect(options.lines.contains("connection cloud"))
        return options
    }

    private func publish(_ topic: String, _ payload: String, to broker: MosquittoBroker, _ arguments: [String] = [])
        async throws
    {
        let outcome = try await Launcher.run(
            .tool("mosquitto_pub"),
            ["-h", "127.0.0.1", "-p", "\(broker.port)", "-q", "1", "-t", topic, "-m", payload] + arguments)
        #expect(outcome.status == 0, "\(outcome.errors)")
    }
}
