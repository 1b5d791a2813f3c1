import Control
import Inference
import SedgeCore
import TestSupport
import Testing

/// SIGKILL in each state that something that was sent can be in, and in the middle of the change itself.
@Suite(.serialized) struct RemotePowerCutTests {
    /// Settings, a bundle in one message, and one in parts.
    enum Kind: String { case settings, bundle, parts }

    /// Something that was sent, and what the agent says when it is in force.
    private struct Sent {
        let far: RemoteOperator
        let envelope: Envelope
        var parts: [[UInt8]] = []
        /// In the agent's first line.
        let inForce: String
        let former: String

        init(_ kind: Kind, _ far: RemoteOperator) throws {
            self.far = far
            let shipped = try ModelBundle(bytes: FileBytes.read(AgentUnderTest.bundlePath, limit: 1 << 24))
            let bundle = try RemoteOperator.bundle("cut")
            switch kind {
            case .settings: envelope = far.configuration(3)
            case .bundle:
                envelope = far.key.sign(bundle.serialized(), kind: .bundle, scope: RemoteOperator.node, version: 3)
            case .parts:
                let manifest = BundleManifest(bundle: bundle.serialized(), partSize: 100_000)
                parts = BundleManifest.split(bundle.serialized(), manifest.partSize)
                envelope = far.key.sign(manifest.json(), kind: .manifest, scope: RemoteOperator.node, version: 3)
            }
            inForce = kind == .settings ? "config=remote#" : "model=\(bundle.fingerprint)"
            former = kind == .settings ? "config=file#" : "model=\(shipped.fingerprint)"
        }

        func send() async throws { try await far.send(envelope, parts: parts) }

        var lastReport: ReportedState? { far.reports(envelope.header.kind.subject).last }
    }

    private func started(_ far: RemoteOperator, holdingAt point: String) async throws -> LaunchedProgram {
        let sedged = try far.start(holdingAt: point)
        #expect(await eventually { far.subscriber.payloads("sedge/test/availability").last == "online" })
        return sedged
    }

    private func cut(_ sedged: LaunchedProgram, at point: String) async {
        #expect(
            await eventually { sedged.errors.contains("state=\(point)") && sedged.errors.contains("held") },
            "\(sedged.errors)")
        sedged.kill9()
    }

    /// `adopted` and `applied`: the change itself is half done, or done and nobody was told.
    private static let points = ["received", "verified", "validated", "staged", "canary", "adopted", "applied"]
    private static let cuts: [(Kind, String)] =
        points.map { (Kind.settings, $0) } + points.map { (.bundle, $0) } + points.prefix(3).map { (.parts, $0) }

    @Test(arguments: Self.cuts) func oneCutAnywhereAndItGoesOn(kind: Kind, point: String) async throws {
        let far = try await RemoteOperator()
        let sent = try Sent(kind, far)
        var sedged = try await started(far, holdingAt: point)
        try await sent.send()
        await cut(sedged, at: point)
        sedged = try far.start()
        #expect(await far.reports("active", sent.envelope), "\(sedged.errors)")
        #expect(sent.lastReport?.active == ["node/test": 3])
        sedged.kill9()
        // And it is the last good from now on.
        sedged = try far.start()
        #expect(await eventually { sedged.errors.contains(sent.inForce) }, "\(sedged.errors)")
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }

    @Test(arguments: [Kind.settings, .bundle], ["canary", "adopted", "applied"])
    func aSecondCutInTheTrialReverts(kind: Kind, point: String) async throws {
        let far = try await RemoteOperator()
        let sent = try Sent(kind, far)
        var sedged = try await started(far, holdingAt: point)
        try await sent.send()
        await cut(sedged, at: point)
        sedged = try far.start(holdingAt: point)
        await cut(sedged, at: point)
        sedged = try far.start()
        #expect(await far.reports("reverted", sent.envelope), "\(sedged.errors)")
        #expect(sent.lastReport?.reason == "the agent ended 2 times while it was on trial")
        #expect(sent.lastReport?.active == [:])
        #expect(sedged.errors.contains(sent.former))
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }

    /// Recorded and not yet told: the next start does that.
    @Test(arguments: [Kind.settings, .bundle]) func aCutAtTheEndLosesNothing(kind: Kind) async throws {
        let far = try await RemoteOperator()
        let sent = try Sent(kind, far)
        var sedged = try await started(far, holdingAt: "active")
        try await sent.send()
        await cut(sedged, at: "active")
        sedged = try far.start()
        #expect(await eventually { sedged.errors.contains(sent.inForce) }, "\(sedged.errors)")
        #expect(await eventually { sent.lastReport?.active == ["node/test": 3] }, "\(sedged.errors)")
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }

    /// Judged, and not yet put back.
    @Test(arguments: [Kind.settings, .bundle]) func aCutBeforeTheLastGoodIsBack(kind: Kind) async throws {
        let far = try await RemoteOperator()
        let sent = try Sent(kind, far)
        var sedged = try await started(far, holdingAt: "reverted")
        try await sent.send()
        #expect(await far.reports("canary", sent.envelope), "\(sedged.errors)")
        await far.broker.stop()
        await cut(sedged, at: "reverted")
        try await far.broker.start()
        sedged = try far.start()
        #expect(await eventually { sedged.errors.contains(sent.former) }, "\(sedged.errors)")
        #expect(await eventually { sent.lastReport?.active == [:] && sent.lastReport?.version == nil })
        #expect(await eventually { far.subscriber.payloads("sedge/test/availability").last == "online" })
        try await sent.send()
        try await Task.sleep(for: .milliseconds(300))
        #expect(sent.lastReport?.active == [:], "what was reverted is not tried again")
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }
}
