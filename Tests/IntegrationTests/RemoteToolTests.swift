import Control
import SedgeCore
import TestSupport
import Testing

/// `sedge keys`, `config` and `fleet` as an operator uses them, against a fleet of simulated nodes.
@Suite(.serialized) struct RemoteToolTests {
    private struct Fleet {
        let broker: MosquittoBroker
        let program: LaunchedProgram
        let folder = TemporaryFolder()

        /// Twelve nodes in the group `plant`; the one of number `fails` reverts whatever it is sent.
        init(fails: Int = 0) async throws {
            broker = try await MosquittoBroker.started()
            let made = try await Launcher.run(.sedge, ["keys", "new", folder.file("key")])
            #expect(made.status == 0 && made.output.hasPrefix("ed25519:"), "\(made.errors)")
            let program = try Launcher.start(
                .sedge,
                [
                    "fleet", "simulate", "--port", "\(broker.port)", "--nodes", "12", "--group", "plant",
                    "--trust", folder.file("key"), "--canary-seconds", "0.2", "--fails", "\(fails)",
                ])
            self.program = program
            #expect(await eventually { program.output.contains("12 nodes are connected") }, "\(program.errors)")
            try folder.write("layer.toml", "[adaptation]\nalarms_per_week = 2\n")
        }

        func push(_ arguments: [String]) async throws -> Launcher.Outcome {
            try await Launcher.run(
                .sedge,
                ["config", "push", "--port", "\(broker.port)", "--signing-key", folder.file("key"), "--timeout", "30"]
                    + arguments + [folder.file("layer.toml")])
        }

        func reported() async throws -> String {
            try await Launcher.run(.sedge, ["config", "status", "--port", "\(broker.port)"]).output
        }
    }

    @Test func aPushReachesEveryNodeOfAGroupInStages() async throws {
        let fleet = try await Fleet()
        let outcome = try await fleet.push(["--group", "plant", "--canary", "1", "--then", "50%", "--then", "all"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.hasPrefix("active on 12 nodes after "), "\(outcome.output)")
        for stage in ["stage 1 of 3 (1 of 12 nodes)", "stage 2 of 3 (6 of 12", "stage 3 of 3 (12 of 12"] {
            #expect(outcome.errors.contains(stage), "\(outcome.errors)")
        }
        #expect(try await fleet.reported().split(separator: "\n").count { $0.contains("  active  ") } == 12)
        let list = try await Launcher.run(.sedge, ["fleet", "ls", "--port", "\(fleet.broker.port)"])
        #expect(list.output.split(separator: "\n").count == 13, "\(list.output)")
        for command in [["fleet", "ls"], ["config", "status"], ["model", "status"]] {
            let json = try await Launcher.run(.sedge, command + ["--json", "--port", "\(fleet.broker.port)"])
            guard case .array(let nodes) = try JSONParser.parse(Array(json.output.utf8)[...]) else {
                Issue.record("no array: \(json.output)")
                continue
            }
            #expect(nodes.count == 12)
            guard case .object(let node)? = nodes.first, case .object(let reported)? = node["reported"],
                case .object(let configuration)? = reported["config"]
            else {
                Issue.record("no reported configuration: \(json.output)")
                continue
            }
            #expect(configuration["status"] == .string("active"))
        }
        fleet.program.terminate()
        #expect(await fleet.program.waitForExit() == 0)
    }

    @Test func aPushStopsWhenANodeReverts() async throws {
        let fleet = try await Fleet(fails: 1)
        let outcome = try await fleet.push(["--group", "plant", "--canary", "1", "--then", "all", "--json"])
        #expect(outcome.status == 65)
        guard case .object(let told) = try JSONParser.parse(Array(outcome.output.utf8)[...]),
            case .array(let nodes)? = told["nodes"]
        else {
            Issue.record("no outcome: \(outcome.output)")
            return
        }
        let statuses = nodes.map { if case .object(let node) = $0 { node["status"] } else { JSONDocument?.none } }
        #expect(statuses.count { $0 == .string("reverted") } == 1)
        #expect(
            outcome.errors.contains("sim-00001 reverted it: it was told to; the stages that follow are not sent"),
            "\(outcome.errors)")
        #expect(try await fleet.reported().split(separator: "\n").count { $0.contains("  reverted  ") } == 1)
        fleet.program.terminate()
        #expect(await fleet.program.waitForExit() == 0)
    }

    @Test func nodesOneByOneAndWhatIsSignedByHand() async throws {
        let fleet = try await Fleet()
        let outcome = try await fleet.push(["--node", "sim-00002", "--node", "sim-00003", "--canary", "1"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let signed = try await Launcher.run(
            .sedge,
            [
                "config", "sign", "--signing-key", fleet.folder.file("key"), "--node", "sim-00004",
                fleet.folder.file("layer.toml"),
            ])
        #expect(signed.status == 0, "\(signed.errors)")
        try fleet.folder.write("envelope", signed.output)
        let published = try await Launcher.run(
            .tool("mosquitto_pub"),
            [
                "-h", "127.0.0.1", "-p", "\(fleet.broker.port)", "-q", "1", "-r", "-t",
                "sedge/sim-00004/config/desired", "-f", fleet.folder.file("envelope"),
            ])
        #expect(published.status == 0)
        #expect(
            await eventually {
                let lines = (try? await fleet.reported())?.split(separator: "\n") ?? []
                return lines.count { $0.contains("node/sim-0000") && $0.contains("active") } == 3
            })
        fleet.program.terminate()
        #expect(await fleet.program.waitForExit() == 0)
    }

    /// However long that is beside the time without news after which it is given up.
    @Test func whatIsPutOffIsWaitedFor() async throws {
        let fleet = try await Fleet()
        let outcome = try await fleet.push(["--node", "sim-00002", "--timeout", "1", "--delay", "3"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.hasPrefix("active on 1 nodes after "), "\(outcome.output)")
        #expect(outcome.errors.contains("received 1"), "\(outcome.errors)")
        fleet.program.terminate()
        #expect(await fleet.program.waitForExit() == 0)
    }

    @Test func keysRotateAndNothingPrintsThem() async throws {
        let fleet = try await Fleet()
        let next = fleet.folder.file("next")
        var said = ""
        for arguments in [
            ["keys", "new", next], ["keys", "show", next],
            [
                "keys", "rotate", "--port", "\(fleet.broker.port)", "--signing-key", fleet.folder.file("key"),
                "--add", next, "--group", "plant", "--timeout", "30",
            ],
            [
                "keys", "rotate", "--port", "\(fleet.broker.port)", "--signing-key", next, "--revoke",
                fleet.folder.file("key"), "--group", "plant", "--timeout", "30",
            ],
        ] {
            let outcome = try await Launcher.run(.sedge, arguments)
            #expect(outcome.status == 0, "\(outcome.errors)")
            said += outcome.output + outcome.errors
        }
        let refused = try await fleet.push(["--group", "plant"])
        #expect(refused.status == 65 && refused.errors.contains("is revoked"), "\(refused.errors)")
        for path in [next, fleet.folder.file("key")] {
            let secret =
                TestFile.text(path).split(separator: "\n").last.map { $0.split(separator: ":").last ?? "" } ?? ""
            #expect(secret.count == 44 && !said.contains(secret))
        }
        fleet.program.terminate()
        #expect(await fleet.program.waitForExit() == 0)
    }
}
