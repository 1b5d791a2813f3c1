import Inference
import SedgeCore
import Testing
import TestSupport

/// A model that PyTorch wrote and ONNX Runtime quantized, imported, in the real agent: one that looks ahead and reads
/// three channels together, so that it runs on windows.
@Suite(.serialized) struct ImportedModelTests {
    private static let fixture = AgentUnderTest.root + "/Tests/ImportingTests/Fixtures/torch_resnet_qdq.onnx"

    private func imported(into folder: TemporaryFolder) async throws -> String {
        let path = folder.file("resnet.safetensors")
        let outcome = try await Launcher.run(
            .sedge,
            ["import", Self.fixture, "--data-licence", "none", "--normalisation", "robust", "--out", path],
            timeout: .seconds(300))
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("family graph"))
        return path
    }

    @Test func itIsCheckedItRunsAndItComesBack() async throws {
        let folder = TemporaryFolder()
        let path = try await imported(into: folder)
        let fingerprint = try EncoderBundle(bytes: TestFile.read(path)).fingerprint
        let broker = try await MosquittoBroker.started()
        let agent = try AgentUnderTest(
            port: broker.port,
            rest: "[adaptation]\ntier2 = true\n\n\(AgentUnderTest.pump)\nhop = 8\nbundle = \"\(path)\"")
        let check = try await agent.run(["--check"])
        #expect(check.status == 0, "\(check.errors)")
        #expect(check.output.contains("note: adaptation.tier2 has no effect on streams of \(fingerprint)"))

        let subscriber = try await Subscriber(broker, topics: ["sedge/#"])
        var sedged = try agent.start()
        #expect(await eventually { subscriber.payloads("sedge/test/availability").last == "online" })
        try await AgentUnderTest.simulatePump(port: broker.port)
        #expect(await eventually(within: .seconds(60)) { subscriber.insights.contains { $0.kind == .anomaly } })
        let fault = Timestamp(milliseconds: 1_772_323_200_000 + 400_000)
        let first = try #require(subscriber.insights.first { $0.kind == .anomaly })
        #expect(first.ts > fault && first.model == fingerprint && first.channels?.count == 3)
        #expect((sedged.output + sedged.errors).contains("adaptation.tier2 has no effect"))
        // What the broker still holds would come after the restart.
        #expect(await eventually { subscriber.hasDecoded(6000) })
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0, "\(sedged.errors)")

        let states = subscriber.states("pump-1").count
        sedged = try agent.start()
        let isBack = {
            subscriber.states("pump-1").dropFirst(states).contains { $0.phase == "ready" && $0.score == nil }
        }
        #expect(await eventually { isBack() }, "it knows its stream again")
        try await AgentUnderTest.simulatePump(
            port: broker.port, seconds: 60, faultAt: nil, start: "2026-03-01T00:10:00Z")
        #expect(
            await eventually(within: .seconds(60)) {
                subscriber.states("pump-1").last.map { $0.phase == "ready" && $0.score != nil } == true
            }, "calibrated at once")
        #expect(!(sedged.output + sedged.errors).contains("learned state was lost"))
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }

    @Test func whatItCanNotReadIsRefusedAtItsPlace() async throws {
        let folder = TemporaryFolder()
        let path = try await imported(into: folder)
        let channel = "[[stream]]\ntopic = \"a\"\nid = \"a\"\nchannels = { x = \"$.x\" }\nbundle = \"\(path)\""
        let outcome = try await AgentUnderTest(port: 1, rest: channel).run(["--check"])
        #expect(outcome.status == ExitCode.configuration.rawValue)
        #expect(outcome.errors.contains("stream[0].channels"), "\(outcome.errors)")
        #expect(outcome.errors.contains("found 1 channels, expected 3, which resnet@1.0.0#"), "\(outcome.errors)")
    }
}
