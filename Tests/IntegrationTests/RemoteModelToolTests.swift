import Control
import Inference
import SedgeCore
import TestSupport
import Testing

/// `sedge model` as an operator uses it, against a real agent and a real broker.
@Suite(.serialized) struct RemoteModelToolTests {
    private let far: RemoteOperator
    private let folder = TemporaryFolder()

    init() async throws {
        far = try await RemoteOperator()
        try FileBytes.write(Array(far.key.fileText.utf8), to: folder.file("key"), mode: 0o600)
    }

    /// The shipped encoder under another name, as a file. Returns its fingerprint.
    private func write(_ name: String) throws -> String {
        let bundle = try RemoteOperator.bundle(name)
        try TestFile.write(bundle.serialized(), to: folder.file("\(name).safetensors"))
        return bundle.fingerprint
    }

    private func model(_ command: String, _ name: String, _ more: [String] = []) async throws -> Launcher.Outcome {
        try await Launcher.run(
            .sedge,
            ["model", command, "--signing-key", folder.file("key"), "--node", AgentUnderTest.node] + more
                + [folder.file("\(name).safetensors")])
    }

    private func push(_ name: String, _ more: [String] = []) async throws -> Launcher.Outcome {
        try await model("push", name, ["--port", "\(far.broker.port)", "--timeout", "60"] + more)
    }

    private func status() async throws -> String {
        let outcome = try await Launcher.run(.sedge, ["model", "status", "--port", "\(far.broker.port)"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        return outcome.output
    }

    /// The line of the node, and what it says of this version.
    private func expectActive(_ fingerprint: String) async throws {
        let report = try #require(far.reports(.model).last)
        #expect(report.status == "active" && report.installed == fingerprint)
        let line = try await status().split(separator: "\n").first { $0.hasPrefix(AgentUnderTest.node) }
        let version = try #require(report.version)
        #expect(line?.contains("active") == true && line?.contains("node/test@\(version)") == true, "\(line ?? "")")
    }

    @Test func aPushedModelBecomesActiveWholeAndInParts() async throws {
        let (whole, parted) = (try write("whole"), try write("parted"))
        let sedged = try far.start()
        #expect(await eventually { far.subscriber.payloads("sedge/test/availability").last == "online" })
        let first = try await push("whole")
        #expect(first.status == 0 && first.output.hasPrefix("active on 1 nodes after "), "\(first.errors)")
        try await expectActive(whole)

        // An earlier fetch that never comes to its end: the parts that follow are sent before their manifest.
        let lost = BundleManifest(bundle: [UInt8](repeating: 1, count: 5000), partSize: 1024)
        let version = try #require(far.reports(.model).last?.version) + 1
        let unfinished = far.key.sign(
            lost.json(), kind: .manifest, scope: RemoteOperator.node, version: version)
        try await far.send(unfinished)
        #expect(await far.reports("received", unfinished), "\(sedged.errors)")
        let second = try await push("parted", ["--parts"])
        #expect(second.status == 0 && second.output.hasPrefix("active on 1 nodes after "), "\(second.errors)")
        try await expectActive(parted)
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }

    @Test func aSignedModelCanBePublishedByAnyone() async throws {
        let fingerprint = try write("signed")
        let sedged = try far.start()
        #expect(await eventually { far.subscriber.payloads("sedge/test/availability").last == "online" })
        let signed = try await model("sign", "signed")
        #expect(signed.status == 0 && signed.errors.contains("sedge/test/model/desired, retained"), "\(signed.errors)")
        try await far.publish("sedge/test/model/desired", Array(signed.output.utf8))
        #expect(
            await eventually(within: .seconds(60)) {
                far.reports(.model).last?.installed == fingerprint && far.reports(.model).last?.status == "active"
            }, "\(sedged.errors)")
        try await expectActive(fingerprint)
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }
}
