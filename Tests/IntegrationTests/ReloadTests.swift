import SedgeCore
import Testing
import TestSupport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A configuration that changes while the agent runs.
@Suite(.serialized) struct ReloadTests {
    private static let second = """
        [[stream]]
        topic = "d/{stream}"
        channels = { x = "$.x" }
        time = "$.ts"
        """
    private static let applied = "the configuration is applied"
    private static let refused = "the configuration is refused, the one before holds"

    private func started(_ agent: AgentUnderTest, _ subscriber: Subscriber) async throws -> LaunchedProgram {
        let sedged = try agent.start()
        #expect(await eventually { subscriber.payloads("sedge/test/availability").last == "online" })
        return sedged
    }

    private func times(_ text: String, in sedged: LaunchedProgram) -> Int {
        sedged.errors.split(separator: "\n").count { $0.contains(text) }
    }

    private func ends(_ sedged: LaunchedProgram) async {
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }

    @Test func aSignalBringsInANewStream() async throws {
        let broker = try await MosquittoBroker.started()
        let agent = try AgentUnderTest(port: broker.port, rest: ChaosPublisher.stream)
        let subscriber = try await Subscriber(broker, topics: ["sedge/#", "homeassistant/#"])
        let publisher = try await ChaosPublisher(broker)
        let sedged = try await started(agent, subscriber)
        await publisher.send("c/old", #"{"x":1}"#)
        #expect(await eventually { !subscriber.states("old").isEmpty })

        try agent.write(port: broker.port, rest: ChaosPublisher.stream + "\n" + Self.second)
        sedged.signal(SIGHUP)
        #expect(await eventually { times(Self.applied, in: sedged) == 1 }, "\(sedged.errors)")
        await publisher.send("d/new", #"{"x":1}"#)
        #expect(await eventually { !subscriber.states("new").isEmpty })
        let discovery = { subscriber.payloads("homeassistant/device/test/config").last ?? "" }
        #expect(await eventually { discovery().contains("new_score") && discovery().contains("old_score") })
        #expect(!subscriber.payloads("sedge/test/availability").contains("offline"), "one connection all the time")
        await ends(sedged)
    }

    @Test func anEditedFileTakesAStreamOutAndItsRetainedTopicsToo() async throws {
        let broker = try await MosquittoBroker.started()
        let both = ChaosPublisher.stream + "\n" + Self.second
        let agent = try AgentUnderTest(port: broker.port, rest: both)
        let subscriber = try await Subscriber(broker, topics: ["sedge/#", "homeassistant/#"])
        let publisher = try await ChaosPublisher(broker)
        let sedged = try await started(agent, subscriber)
        await publisher.send("c/stays", #"{"x":1}"#)
        await publisher.send("d/goes", #"{"x":1}"#)
        #expect(await eventually { !subscriber.states("stays").isEmpty && !subscriber.states("goes").isEmpty })

        // Written beside it and renamed, as editors do.
        try agent.replace(port: broker.port, rest: ChaosPublisher.stream)
        #expect(await eventually { subscriber.payloads("sedge/test/state/goes").last == "" }, "\(sedged.errors)")
        let discovery = { subscriber.payloads("homeassistant/device/test/config").last ?? "" }
        #expect(await eventually { discovery().contains(#""goes_score":{"p":"sensor"}"#) })
        #expect(subscriber.payloads("sedge/test/state/stays").last != "")

        // And back, in place.
        try agent.write(port: broker.port, rest: both)
        #expect(await eventually { times(Self.applied, in: sedged) == 2 })
        await publisher.send("d/goes", #"{"x":2}"#)
        #expect(await eventually { subscriber.payloads("sedge/test/state/goes").last?.isEmpty == false })
        await ends(sedged)

        // It came back for good: nothing was forgotten of it.
        let later = try await Subscriber(broker, topics: ["sedge/#"])
        let again = try agent.start()
        let live = { later.messages.last { $0.topic == "sedge/test/state/goes" && !$0.isRetained } }
        #expect(await eventually { live()?.payload.contains(#""phase":"learning""#) == true }, "\(again.errors)")
        await ends(again)
    }

    @Test(arguments: [
        ("[[stream]\n", "TOML"), ("[adaptation]\nalarms_per_weak = 1", "adaptation.alarms_per_weak"),
        (ChaosPublisher.stream + "\nhop = 9", "stream[0].hop"),
        (ChaosPublisher.stream + "\nbundle = \"none\"", "stream[0].bundle"),
    ])
    func aBrokenFileChangesNothing(_ broken: String, _ place: String) async throws {
        let broker = try await MosquittoBroker.started()
        let agent = try AgentUnderTest(port: broker.port, rest: ChaosPublisher.stream)
        let subscriber = try await Subscriber(broker, topics: ["sedge/#"])
        let publisher = try await ChaosPublisher(broker)
        let sedged = try await started(agent, subscriber)
        try agent.write(port: broker.port, rest: broken)
        #expect(await eventually { times(Self.refused, in: sedged) == 1 }, "\(sedged.errors)")
        let line = sedged.errors.split(separator: "\n").last { $0.contains(Self.refused) } ?? ""
        #expect(line.contains("line ") && line.contains(place), "\(line)")
        await publisher.send("c/s", #"{"x":1}"#)
        #expect(await eventually { !subscriber.states("s").isEmpty }, "the one before goes on")
        try await Task.sleep(for: .seconds(2))
        #expect(times(Self.refused, in: sedged) == 1, "said once")
        #expect(!subscriber.payloads("sedge/test/availability").contains("offline"))
        #expect(subscriber.decoded(Health.self, under: "sedge/test/health").last?.decodedTotal == 1)
        await ends(sedged)
    }

    @Test func whatNeedsARestartSaysSo() async throws {
        let broker = try await MosquittoBroker.started()
        let agent = try AgentUnderTest(port: broker.port, rest: ChaosPublisher.stream)
        let subscriber = try await Subscriber(broker, topics: ["sedge/#"])
        let sedged = try await started(agent, subscriber)
        try agent.write(port: broker.port, mqtt: "base_topic = \"elsewhere\"", rest: ChaosPublisher.stream)
        #expect(await eventually { sedged.errors.contains("until the agent is restarted") }, "\(sedged.errors)")
        #expect(sedged.errors.contains("mqtt.base_topic"))
        #expect(times(Self.applied, in: sedged) == 0)
        await ends(sedged)
    }

    @Test func anotherBrokerIsJoinedAndNoInsightIsLost() async throws {
        let first = try await MosquittoBroker.started()
        let second = try await MosquittoBroker.started()
        let agent = try AgentUnderTest(port: first.port, rest: ChaosPublisher.stream)
        let before = try await Subscriber(first, topics: ["sedge/#"])
        let after = try await Subscriber(second, topics: ["sedge/#"])
        let publisher = try await ChaosPublisher(first)
        let sedged = try await started(agent, before)
        for stream in 0..<5 { await publisher.sendFutureTime(stream) }
        #expect(await eventually { before.insights.count == 5 })

        try agent.write(port: second.port, rest: ChaosPublisher.stream)
        sedged.signal(SIGHUP)
        #expect(await eventually { after.payloads("sedge/test/availability").last == "online" }, "\(sedged.errors)")
        #expect(await eventually { before.payloads("sedge/test/availability").last == "offline" })
        #expect(await eventually { !after.states("s0").isEmpty }, "what is known is told to the new one")
        let other = try await ChaosPublisher(second)
        for stream in 5..<10 { await other.sendFutureTime(stream) }
        let all = { before.insights + before.backfill + after.insights + after.backfill }
        #expect(await eventually { Set(all().map(\.seq)) == Set(1...10) }, "\(all().map(\.seq))")

        // Taken back.
        try agent.write(port: first.port, rest: ChaosPublisher.stream)
        sedged.signal(SIGHUP)
        #expect(await eventually { before.payloads("sedge/test/availability").last == "online" })
        for stream in 10..<12 { await publisher.sendFutureTime(stream) }
        #expect(await eventually { Set(all().map(\.seq)) == Set(1...12) }, "\(all().map(\.seq))")
        await ends(sedged)
    }

    @Test func aBrokerThatIsNotThereIsLeftAgain() async throws {
        let broker = try await MosquittoBroker.started()
        let agent = try AgentUnderTest(port: broker.port, rest: ChaosPublisher.stream)
        let subscriber = try await Subscriber(broker, topics: ["sedge/#"])
        let sedged = try await started(agent, subscriber)
        try agent.write(port: freeLoopbackPort(), rest: ChaosPublisher.stream)
        sedged.signal(SIGHUP)
        #expect(await eventually { subscriber.payloads("sedge/test/availability").last == "offline" })
        try agent.write(port: broker.port, rest: ChaosPublisher.stream)
        sedged.signal(SIGHUP)
        #expect(
            await eventually { subscriber.payloads("sedge/test/availability").last == "online" }, "\(sedged.errors)")
        await ends(sedged)
    }

    @Test func aPasswordThatChangesInItsFileIsUsed() async throws {
        var options = MosquittoBroker.Options()
        options.passwords = ["gw": "new"]
        let broker = try await MosquittoBroker.started(options)
        let login = ["-u", "gw", "-P", "new"]
        let subscriber = try await Subscriber(broker, topics: ["sedge/#"], arguments: login)
        let agent = try AgentUnderTest(port: broker.port, rest: "")
        try agent.folder.write("password", "old\n")
        try agent.write(
            port: broker.port, mqtt: "username = \"gw\"\npassword_file = \"\(agent.folder.file("password"))\"",
            rest: ChaosPublisher.stream)
        let sedged = try agent.start()
        #expect(
            await eventually {
                sedged.errors.contains("wrong user name or password") || sedged.errors.contains("not authorised")
            }, "\(sedged.errors)")
        try agent.folder.write("password", "new\n")
        #expect(
            await eventually { subscriber.payloads("sedge/test/availability").last == "online" }, "\(sedged.errors)")
        #expect(times(Self.applied, in: sedged) == 1)
        await ends(sedged)
    }

    @Test func certificatesAreReadAgainWhenTheyChange() async throws {
        let certificates = try await TestCertificates()
        let strangers = try await TestCertificates()
        var options = MosquittoBroker.Options()
        options.certificates = certificates
        let broker = try await MosquittoBroker.started(options)
        let subscriber = try await Subscriber(broker, topics: ["sedge/#"], arguments: ["--cafile", certificates.ca])
        let agent = try AgentUnderTest(port: broker.port, rest: "")
        let ca = agent.folder.file("ca.pem")
        try TestFile.write(try TestFile.read(strangers.ca), to: ca)
        try agent.write(port: broker.port, mqtt: "tls = { ca = \"\(ca)\" }", rest: ChaosPublisher.stream)
        let sedged = try agent.start()
        #expect(await eventually { sedged.errors.contains("TLS failed") }, "\(sedged.errors)")
        try TestFile.write(try TestFile.read(certificates.ca), to: ca)
        #expect(
            await eventually { subscriber.payloads("sedge/test/availability").last == "online" }, "\(sedged.errors)")
        await ends(sedged)
    }

    @Test func systemdIsToldOfAReload() async throws {
        let broker = try await MosquittoBroker.started()
        let agent = try AgentUnderTest(port: broker.port, rest: ChaosPublisher.stream)
        let socket = try NotifySocket()
        let sedged = try Launcher.start(
            .sedged, ["--config", agent.configurationPath], environment: ["NOTIFY_SOCKET": socket.path])
        #expect(await eventually { socket.received().contains { $0.hasPrefix("READY=1") } })
        try agent.write(port: broker.port, rest: ChaosPublisher.stream + "\nhop = 4")
        sedged.signal(SIGHUP)
        let reloads = { socket.received().drop { !$0.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") } }
        #expect(
            await eventually { reloads().contains { $0.hasPrefix("READY=1\nSTATUS=running, configuration file#") } })
        await ends(sedged)
    }
}
