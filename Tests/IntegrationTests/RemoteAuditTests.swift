import Control
import SedgeCore
import TestSupport
import Testing

/// The audit log of a real agent, as `sedge inspect --audit` shows it.
@Suite(.serialized) struct RemoteAuditTests {
    private struct Row: Decodable {
        let key: String?
        let accepted: Bool
        let count: Int
        let reason: String
    }

    private func audit(_ far: RemoteOperator) async throws -> [Row] {
        let outcome = try await Launcher.run(
            .sedge, ["inspect", far.agent.databasePath, "--audit", "1000", "--json"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try PayloadJSON.decode([Row].self, from: Array(outcome.output.utf8))
    }

    @Test func aFloodOfRefusalsIsWholeAfterAStop() async throws {
        let far = try await RemoteOperator()
        let sedged = try far.start()
        #expect(await eventually { far.subscriber.payloads("sedge/test/availability").last == "online" })
        let good = far.configuration(1)
        try await far.send(good)
        #expect(await far.reports("active", good), "\(sedged.errors)")
        let publisher = try await ChaosPublisher(far.broker)
        let stranger = SigningKey()
        let count = 260
        for version in 1...Int64(count) {
            let wrong = stranger.sign([1], kind: .configuration, scope: RemoteOperator.node, version: version)
            await publisher.send("sedge/test/config/desired", wrong.json())
        }
        #expect(await eventually { far.reports().last?.version == Int64(count) }, "\(sedged.errors)")
        // Beside the running agent too.
        #expect(try await audit(far).count { $0.key == "\(stranger.trusted.id)" && $0.count == 1 } >= 100)
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
        let rows = try await audit(far)
        #expect(rows.count <= 103)
        let refused = rows.filter { $0.key == "\(stranger.trusted.id)" }
        #expect(refused.map(\.count).reduce(0, +) == count && refused.allSatisfy { !$0.accepted })
        #expect(rows.filter(\.accepted).map(\.key) == ["\(far.key.trusted.id)"])
        #expect(sedged.errors.contains("others are counted"))
    }

    @Test func whatComesBeforeItsTimeIsTakenAfterARestart() async throws {
        let far = try await RemoteOperator()
        var sedged = try far.start()
        #expect(await eventually { far.subscriber.payloads("sedge/test/availability").last == "online" })
        let early = far.configuration(1) { $0.notBefore = SystemTime.now() + 6_000_000 }
        // Not retained: the broker will not send it again.
        try await far.publish("sedge/test/config/desired", early.json(), retained: false)
        #expect(await far.reports("received", early), "\(sedged.errors)")
        sedged.kill9()
        sedged = try far.start()
        #expect(await far.reports("active", early), "\(sedged.errors)")
        let activated = far.reports().first { $0.status == "active" && $0.transaction == early.header.transaction }
        #expect((activated?.ts ?? SystemTime.now()) >= early.header.notBefore!)
        #expect(try await audit(far).map(\.accepted) == [true, false])
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }
}
