import Inference
import SedgeCore
import Testing
import TestSupport

/// Which kernels `sedged` and `sedge import` run on, when the environment says so.
@Suite(.serialized) struct KernelChoiceTests {
    #if arch(x86_64)
        private static let elsewhere = "neondot"
    #else
        private static let elsewhere = "avx2"
    #endif

    private static var list: String { (["auto"] + KernelSet.available).joined(separator: ", ") }

    @Test(arguments: [
        ("mmx", "kernel in SEDGE_KERNEL: found \"mmx\""),
        (elsewhere, "kernel in SEDGE_KERNEL: this processor cannot run \(elsewhere)"),
    ])
    func oneThatCanNotRunIsRefusedWithThoseThatCan(name: String, found: String) async throws {
        let agent = try AgentUnderTest(port: 1, rest: AgentUnderTest.pump)
        for arguments in [[], ["--check"]] {
            let outcome = try await Launcher.run(
                .sedged, ["--config", agent.configurationPath] + arguments, environment: ["SEDGE_KERNEL": name])
            #expect(outcome.status == ExitCode.configuration.rawValue)
            #expect(outcome.errors == "sedged: \(found), expected \(Self.list)\n")
        }
    }

    /// Before it reads the model, which is not there.
    @Test func theToolboxRefusesItBeforeTheWork() async throws {
        let outcome = try await Launcher.run(
            .sedge, ["import", "none.onnx", "--data-licence", "none", "--out", "none.safetensors"],
            environment: ["SEDGE_KERNEL": "mmx"])
        #expect(outcome.status == ExitCode.configuration.rawValue, "\(outcome.errors)")
    }

    @Test func theConfigurationsOwnIsRefusedAtItsPlace() async throws {
        let agent = try AgentUnderTest(port: 1, rest: "kernel = \"\(Self.elsewhere)\"\n\(AgentUnderTest.pump)")
        let outcome = try await agent.run(["--check"])
        #expect(outcome.status == ExitCode.configuration.rawValue)
        #expect(
            outcome.errors.contains(": inference.kernel: found ") && outcome.errors.contains("line ")
                && outcome.errors.contains("\"\(Self.elsewhere)\", expected \(Self.list)"), "\(outcome.errors)")
    }

    @Test(arguments: KernelSet.available)
    func oneThatCanIsLoggedAndStandsInHealth(name: String) async throws {
        let broker = try await MosquittoBroker.started()
        let agent = try AgentUnderTest(port: broker.port, rest: AgentUnderTest.pump)
        let subscriber = try await Subscriber(broker, topics: ["sedge/#"])
        let sedged = try Launcher.start(
            .sedged, ["--config", agent.configurationPath], environment: ["SEDGE_KERNEL": name])
        #expect(
            await eventually {
                subscriber.payloads("sedge/test/health").last?.contains("\"kernel\":\"\(name)\"") == true
            })
        #expect((sedged.output + sedged.errors).contains("kernel=\(name) "))
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }
}
