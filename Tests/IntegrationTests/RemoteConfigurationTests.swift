import Control
import SedgeCore
import TestSupport
import Testing

/// Settings over MQTT, against a real agent and a real broker.
@Suite(.serialized) struct RemoteConfigurationTests {
    @Test func goesFromThePublishedMessageToActiveAndStays() async throws {
        let far = try await RemoteOperator()
        var sedged = try far.start()
        #expect(await eventually { far.reports().contains { $0.status == "active" && $0.version == nil } })
        let envelope = far.configuration(7)
        try await far.send(envelope)
        #expect(await far.reports("active", envelope), "\(sedged.errors)")
        let mine = far.reports().filter { $0.transaction == envelope.header.transaction }
        #expect(mine.map(\.status) == ["staged", "canary", "active"])
        #expect(mine.last?.active == ["node/test": 7] && mine.last?.key == "\(far.key.trusted.id)")
        try await AgentUnderTest.simulatePump(port: far.broker.port, seconds: 30, faultAt: nil)
        #expect(
            await eventually { far.configurationInForce?.hasPrefix("remote#") == true },
            "\(far.configurationInForce ?? "")")

        // The same retained message at the next start is no news, and what was sent still holds.
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
        let before = far.reports().count
        sedged = try far.start()
        #expect(await eventually { far.reports().count > before })
        #expect(sedged.errors.contains("config=remote#"))
        #expect(far.reports().last?.status == "active" && far.reports().last?.version == 7)
        try await Task.sleep(for: .milliseconds(500))
        #expect(far.reports().dropFirst(before).allSatisfy { $0.status == "active" })
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }

    @Test func theFirstKeyInAnEditedFileCountsAtOnce() async throws {
        let far = try await RemoteOperator(isTrusted: false)
        let sedged = try far.start()
        #expect(await eventually { far.subscriber.payloads("sedge/test/availability").last == "online" })
        let envelope = far.configuration(3)
        try await far.send(envelope)
        let entity = { far.subscriber.payloads("homeassistant/device/test/config").last ?? "" }
        #expect(entity().contains(#""node_model":{"p":"update"}"#), "none: \(entity())")
        try far.trust()
        #expect(await far.reports("active", envelope), "\(sedged.errors)")
        #expect(await eventually { !entity().contains(#""node_model":{"p":"update"}"#) }, "\(entity())")
        #expect(entity().contains(#""node_model":{"#))
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }

    @Test func anEditedFileStaysUnderWhatWasSent() async throws {
        let far = try await RemoteOperator()
        let sedged = try far.start()
        #expect(await eventually { far.subscriber.payloads("sedge/test/availability").last == "online" })
        let envelope = far.configuration(1, #"{"mqtt":{"health_interval_s":2}}"#)
        try await far.send(envelope)
        #expect(await far.reports("active", envelope), "\(sedged.errors)")
        // A setting of the file's own, a password, and a key's file that changes: none of it undoes what was sent.
        try far.agent.folder.write("password", "first\n")
        try far.trust(mqtt: "username = \"gw\"\npassword_file = \"\(far.agent.folder.file("password"))\"")
        let applied = { sedged.errors.split(separator: "\n").filter { $0.contains("the configuration is applied") } }
        #expect(await eventually { applied().count == 2 }, "\(sedged.errors)")
        try far.agent.folder.write("password", "second\n")
        #expect(await eventually { applied().count == 3 }, "\(sedged.errors)")
        #expect(applied().allSatisfy { $0.contains("config=remote#") })
        #expect(applied().suffix(2).allSatisfy { $0.contains("reconnects=true") })
        #expect(await eventually { far.subscriber.payloads("sedge/test/availability").last == "online" })
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
        #expect(!sedged.errors.contains("first") && !sedged.errors.contains("second"), "secrets stay secret")
    }

    @Test func whatCutsTheAgentFromItsBrokerIsTakenBack() async throws {
        let far = try await RemoteOperator(canarySeconds: 2)
        let sedged = try far.start()
        #expect(await eventually { far.subscriber.payloads("sedge/test/availability").last == "online" })
        let envelope = far.configuration(1, #"{"mqtt":{"port":\#(freeLoopbackPort())}}"#)
        try await far.send(envelope)
        #expect(await far.reports("reverted", envelope), "\(sedged.errors)")
        let report = far.reports().last { $0.transaction == envelope.header.transaction }
        #expect(report?.reason?.hasPrefix("the broker ") == true, "\(report?.reason ?? "")")
        #expect(report?.active == [:])
        #expect(await eventually { far.subscriber.payloads("sedge/test/availability").last == "online" })
        // A retained message that was reverted is not tried again.
        try await Task.sleep(for: .seconds(1))
        #expect(far.reports().last?.status == "reverted")
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }

    @Test func everyRefusalNamesItsCauseAndChangesNothing() async throws {
        let far = try await RemoteOperator()
        let sedged = try far.start()
        #expect(await eventually { far.subscriber.payloads("sedge/test/availability").last == "online" })
        let stranger = SigningKey()
        let topic = "sedge/test/config/desired"
        let secret = "hunter2"
        let attempts: [(payload: [UInt8], reason: String)] = [
            (Array("{\"password\":\"\(secret)\"}".utf8), "not an envelope"),
            (stranger.sign([1], kind: .configuration, scope: RemoteOperator.node, version: 9).json(), "not trusted"),
            (far.configuration(9, scope: .node(try NodeID("other"))).json(), "for node/other"),
            (far.configuration(9) { $0.expires = Timestamp(milliseconds: 1) }.json(), "expired"),
            (far.key.sign([1], kind: .keys, scope: RemoteOperator.node, version: 9).json(), "keys can not come"),
            (far.configuration(10, #"{"node":"\#(secret)"}"#).json(), "node comes from the node's file"),
            (far.configuration(11, #"{"mqtt":{"password_file":"/\#(secret)"}}"#).json(), "mqtt.password_file comes"),
            (far.configuration(12, #"{"control":{"trusted_keys":[]}}"#).json(), "control.trusted_keys comes"),
            (far.configuration(13, #"{"adaptation":{"alarms":1}}"#).json(), "adaptation.alarms: found an unknown key"),
            (far.configuration(14, #"{"inference":{"bundle":"no-such"}}"#).json(), "inference.bundle"),
            (far.configuration(12).json(), "version 12 is not above 14"),
        ]
        for (payload, reason) in attempts {
            try await far.publish(topic, payload)
            #expect(
                await eventually {
                    far.reports().last.map { $0.status == "rejected" && $0.reason?.contains(reason) == true } == true
                }, "\(reason): \(far.reports().last?.reason ?? "nothing")")
        }
        #expect(!far.subscriber.messages.contains { $0.topic.hasSuffix("reported") && $0.payload.contains(secret) })
        #expect(!sedged.errors.contains(secret))
        #expect(far.reports().last?.active == [:])

        #expect(far.reports().count { $0.status == "rejected" } == attempts.count)
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }

    @Test func aRetainedMessageThatIsRefusedDoesNotLoop() async throws {
        let far = try await RemoteOperator(isPersistent: true)
        let sedged = try far.start()
        #expect(await eventually { far.subscriber.payloads("sedge/test/availability").last == "online" })
        let wrong = SigningKey().sign([1], kind: .configuration, scope: RemoteOperator.node, version: 9)
        try await far.send(wrong)
        #expect(await far.reports("rejected", wrong), "\(sedged.errors)")
        let lines = { (text: String) in sedged.errors.split(separator: "\n").count { $0.contains(text) } }
        for round in 2...3 {
            await far.broker.stop()
            try await far.broker.start()
            // Another one, which shows that the node has heard what the broker retains.
            let misplaced = far.configuration(Int64(round))
            try await far.publish("sedge/group/all/config/desired", misplaced.json())
            #expect(await eventually { lines("is for node/test, which is not") == round - 1 }, "\(sedged.errors)")
        }
        try await Task.sleep(for: .milliseconds(300))
        #expect(lines("is not trusted here") == 1, "\(sedged.errors)")
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }

    @Test func aKeyRotatesAndTheOldOneStaysRevokedWithALostDatabase() async throws {
        let far = try await RemoteOperator()
        var sedged = try far.start()
        #expect(await eventually { far.reports(.keys).last?.trusted == ["\(far.key.trusted.id)"] })
        let next = SigningKey()
        let change = KeyChange(add: [next.trusted], revoke: [far.key.trusted.id])
        let rotation = far.key.sign(change.json(), kind: .keys, scope: RemoteOperator.node, version: 1)
        try await far.send(rotation)
        #expect(await far.reports("active", rotation), "\(sedged.errors)")
        #expect(far.reports(.keys).last?.trusted == ["\(next.trusted.id)"])
        sedged.kill9()

        for suffix in ["", "-wal", "-shm"] { TestFile.remove(far.agent.databasePath + suffix) }
        sedged = try far.start()
        let old = far.configuration(2)
        try await far.send(old)
        #expect(await far.reports("rejected", old), "\(sedged.errors)")
        #expect(far.reports().last?.reason == "key \(far.key.trusted.id) is revoked")
        let new = next.sign(
            Array(#"{"adaptation":{"enabled":false}}"#.utf8), kind: .configuration, scope: RemoteOperator.node,
            version: 3)
        try await far.send(new)
        #expect(await far.reports("active", new), "\(sedged.errors)")
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }

    @Test func layersLieOverOneAnother() async throws {
        let far = try await RemoteOperator()
        let sedged = try far.start()
        #expect(await eventually { far.subscriber.payloads("sedge/test/availability").last == "online" })
        let all = far.configuration(1, #"{"mqtt":{"state_interval_ms":900}}"#, scope: .all)
        let group = far.configuration(5, #"{"mqtt":{"state_interval_ms":800}}"#, scope: .group(try GroupID("plant")))
        let other = far.configuration(6, #"{"mqtt":{"state_interval_ms":800}}"#, scope: .group(try GroupID("office")))
        for envelope in [group, all] {
            try await far.send(envelope)
            #expect(await far.reports("active", envelope), "\(sedged.errors)")
        }
        try await far.send(other)
        #expect(far.reports().last?.active == ["all": 1, "group/plant": 5])
        // An edited file is the lowest layer: what was sent stays over it.
        try far.agent.replace(
            port: far.broker.port, mqtt: "state_interval_ms = 700",
            rest: """
                [control]
                trusted_keys = ["\(far.key.trusted)"]
                groups = ["plant"]
                canary_seconds = 1
                \(AgentUnderTest.pump)
                """)
        try await AgentUnderTest.simulatePump(port: far.broker.port, seconds: 30, faultAt: nil)
        #expect(await eventually { far.configurationInForce?.hasPrefix("remote#") == true })
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }
}
