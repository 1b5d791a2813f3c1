import Control
import Inference
import SedgeCore
import TestSupport
import Testing

/// Bundles over MQTT, against a real agent and a real broker.
@Suite(.serialized) struct RemoteModelTests {
    @Test func aWholeBundleIsCheckedTriedAndKept() async throws {
        let far = try await RemoteOperator()
        var sedged = try far.start()
        #expect(await eventually { far.subscriber.payloads("sedge/test/availability").last == "online" })
        let bundle = try RemoteOperator.bundle("sent")
        let envelope = far.key.sign(bundle.serialized(), kind: .bundle, scope: RemoteOperator.node, version: 4)
        try await far.send(envelope)
        #expect(await far.reports("active", envelope), "\(sedged.errors)")
        #expect(far.reports(.model).last?.installed == bundle.fingerprint)
        sedged.kill9()
        sedged = try far.start()
        #expect(await eventually { sedged.errors.contains("model=\(bundle.fingerprint)") }, "\(sedged.errors)")

        // A damaged one is named and changes nothing.
        var bytes = bundle.serialized()
        bytes[bytes.count / 2] ^= 1
        let damaged = far.key.sign(bytes, kind: .bundle, scope: RemoteOperator.node, version: 5)
        try await far.send(damaged)
        #expect(await far.reports("rejected", damaged), "\(sedged.errors)")
        #expect(far.reports(.model).last?.reason?.hasPrefix("the bundle: ") == true)
        #expect(far.reports(.model).last?.installed == bundle.fingerprint)
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }

    @Test func partsComeInAnyOrderAndNeedNotComeTwice() async throws {
        let far = try await RemoteOperator()
        var sedged = try far.start()
        #expect(await eventually { far.subscriber.payloads("sedge/test/availability").last == "online" })
        let bundle = try RemoteOperator.bundle("in-parts")
        let bytes = bundle.serialized()
        let manifest = BundleManifest(bundle: bytes, partSize: 40_000)
        let parts = BundleManifest.split(bytes, manifest.partSize)
        #expect(parts.count > 3)
        let envelope = far.key.sign(manifest.json(), kind: .manifest, scope: RemoteOperator.node, version: 1)
        try await far.send(envelope)
        #expect(await far.reports("received", envelope), "\(sedged.errors)")
        func send(_ number: Int) async throws {
            try await far.publish(
                RemoteOperator.topics.part(number, RemoteOperator.node), parts[number], retained: false)
        }
        try await send(2)
        // Not what the manifest names: of no account.
        try await far.publish(RemoteOperator.topics.part(1, RemoteOperator.node), parts[0], retained: false)
        try await send(0)
        let share = 2.0 / Double(parts.count)
        #expect(await eventually { far.reports(.model).last?.progress == share }, "\(sedged.errors)")
        sedged.kill9()
        sedged = try far.start()
        #expect(await eventually { far.reports(.model).count { $0.progress == share } > 1 }, "\(sedged.errors)")
        for number in parts.indices where number != 0 && number != 2 { try await send(number) }
        #expect(await far.reports("active", envelope), "\(sedged.errors)")
        #expect(far.reports(.model).last?.installed == bundle.fingerprint)
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }

    @Test func oneStreamMayTryWhatLiesReady() async throws {
        let far = try await RemoteOperator()
        let sedged = try far.start()
        #expect(await eventually { far.subscriber.payloads("sedge/test/availability").last == "online" })
        let bundle = try RemoteOperator.bundle("pilot")
        let model = far.key.sign(bundle.serialized(), kind: .bundle, scope: RemoteOperator.node, version: 8) {
            $0.waits = true
        }
        try await far.send(model)
        #expect(await far.reports("staged", model), "\(sedged.errors)")
        let pilot = far.configuration(
            1,
            """
            {"stream":[{"topic":"plant/{stream}/sensors","channels":{"vibration":"$.vibration"},"time":"$.ts",
            "rate_hz":10,"bundle":"\(model.header.digest)"}]}
            """)
        try await far.send(pilot)
        #expect(await far.reports("active", pilot), "\(sedged.errors) \(far.reports().last?.reason ?? "")")
        try await AgentUnderTest.simulatePump(port: far.broker.port, seconds: 30, faultAt: nil)
        struct State: Decodable { let model: String? }
        #expect(
            await eventually {
                far.subscriber.decoded(State.self, under: "sedge/test/state/pump-1").last?.model == bundle.fingerprint
            }, "\(sedged.errors)")
        #expect(far.reports(.model).last?.installed != bundle.fingerprint)
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }

    @Test func homeAssistantsButtonStartsWhatLiesReady() async throws {
        let far = try await RemoteOperator()
        let sedged = try far.start()
        #expect(await eventually { far.subscriber.payloads("sedge/test/availability").last == "online" })
        let bundle = try RemoteOperator.bundle("asked")
        let envelope = far.key.sign(bundle.serialized(), kind: .bundle, scope: RemoteOperator.node, version: 8) {
            $0.waits = true
        }
        try await far.send(envelope)
        #expect(await far.reports("staged", envelope), "\(sedged.errors)")
        #expect(far.reports(.model).last?.available == bundle.fingerprint)
        let discovery = { far.subscriber.payloads("homeassistant/device/test/config").last ?? "" }
        #expect(await eventually { discovery().contains(#""pl_inst":"8""#) }, "\(discovery())")
        #expect(discovery().contains(#""cmd_t":"sedge/test/model/apply""#))
        // Whatever is not verified and staged: unknown, refused, still on its way, or no version at all.
        let refused = SigningKey().sign(bundle.serialized(), kind: .bundle, scope: RemoteOperator.node, version: 9)
        try await far.send(refused)
        #expect(await far.reports("rejected", refused), "\(sedged.errors)")
        let other = try RemoteOperator.bundle("coming").serialized()
        let parts = BundleManifest.split(other, 100_000)
        let coming = far.key.sign(
            BundleManifest(bundle: other, partSize: 100_000).json(), kind: .manifest, scope: .all, version: 10)
        try await far.send(coming)
        #expect(await far.reports("received", coming), "\(sedged.errors)")
        let refusals = { far.reports(.model).count { $0.reason?.contains("no version that lies ready") == true } }
        for (index, press) in ["7", "9", "10", "0", "latest", "8 or 9"].enumerated() {
            try await far.publish("sedge/test/model/apply", Array(press.utf8), retained: false)
            #expect(await eventually { refusals() == index + 1 }, "\(press): \(sedged.errors)")
            let report = far.reports(.model).last
            #expect(report?.active == [:] && report?.availableVersion == 8)
            #expect(report?.installed != report?.available)
        }
        #expect(!far.reports(.model).contains { $0.status == "canary" || $0.status == "active" && $0.version != nil })
        try await far.publish("sedge/test/model/apply", Array("8".utf8), retained: false)
        #expect(await far.reports("active", envelope), "\(sedged.errors)")
        let active = far.reports(.model).last { $0.status == "active" }
        #expect(active?.installed == bundle.fingerprint && active?.available == nil)
        #expect(await eventually { discovery().contains(#""pl_inst":"0""#) })
        // Pressed once more, there is nothing left to start.
        let count = refusals()
        try await far.publish("sedge/test/model/apply", Array("8".utf8), retained: false)
        #expect(await eventually { refusals() == count + 1 })
        // What was on its way all the while comes to its end.
        for (number, part) in parts.enumerated() {
            try await far.publish(RemoteOperator.topics.part(number, .all), part, retained: false)
        }
        #expect(await far.reports("active", coming), "\(sedged.errors)")
        #expect(far.reports(.model).last?.active == ["node/test": 8, "all": 10])
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }
}
