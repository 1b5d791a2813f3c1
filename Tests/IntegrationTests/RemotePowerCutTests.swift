import Control
import SedgeCore
import TestSupport
import Testing

/// SIGKILL in each state that something that was sent can be in.
@Suite(.serialized) struct RemotePowerCutTests {
    private func held(_ sedged: LaunchedProgram, _ state: String) async -> Bool {
        await eventually { sedged.errors.contains("state=\(state)") && sedged.errors.contains("held") }
    }

    @Test(arguments: ["verified", "validated", "staged", "canary"])
    func oneCutInAnyStateAndItGoesOn(state: String) async throws {
        let far = try await RemoteOperator()
        let envelope = far.configuration(3)
        var sedged = try far.start(holdingAt: state)
        #expect(await eventually { far.subscriber.payloads("sedge/test/availability").last == "online" })
        try await far.send(envelope)
        #expect(await held(sedged, state), "\(sedged.errors)")
        sedged.kill9()
        sedged = try far.start()
        #expect(await far.reports("active", envelope), "\(sedged.errors)")
        #expect(far.reports().last?.active == ["node/test": 3])
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }

    @Test func aSecondCutInTheCanaryReverts() async throws {
        let far = try await RemoteOperator()
        let envelope = far.configuration(3)
        var sedged = try far.start(holdingAt: "canary")
        #expect(await eventually { far.subscriber.payloads("sedge/test/availability").last == "online" })
        try await far.send(envelope)
        #expect(await held(sedged, "canary"), "\(sedged.errors)")
        sedged.kill9()
        sedged = try far.start(holdingAt: "canary")
        #expect(await held(sedged, "canary"), "\(sedged.errors)")
        sedged.kill9()
        sedged = try far.start()
        #expect(await far.reports("reverted", envelope), "\(sedged.errors)")
        #expect(far.reports().last?.reason == "the agent ended 2 times while it was on trial")
        #expect(sedged.errors.contains("config=file#"))
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }

    /// Recorded and not yet told, or not yet put back: the next start does both.
    @Test(arguments: ["active", "reverted"]) func aCutAtTheEndLosesNothing(state: String) async throws {
        let far = try await RemoteOperator()
        let good = state == "active"
        let envelope = good ? far.configuration(3) : far.configuration(3, #"{"mqtt":{"port":\#(freeLoopbackPort())}}"#)
        var sedged = try far.start(holdingAt: state)
        #expect(await eventually { far.subscriber.payloads("sedge/test/availability").last == "online" })
        try await far.send(envelope)
        #expect(await held(sedged, state), "\(sedged.errors)")
        sedged.kill9()
        sedged = try far.start()
        #expect(await eventually { sedged.errors.contains("config=\(good ? "remote" : "file")#") })
        #expect(
            await eventually { far.reports().last?.active == (good ? ["node/test": 3] : [:]) }, "\(far.reports())")
        #expect(await eventually { far.subscriber.payloads("sedge/test/availability").last == "online" })
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }
}
