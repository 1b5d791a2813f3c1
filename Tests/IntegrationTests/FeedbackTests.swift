import SedgeCore
import TestSupport
import Testing

/// Feedback over a real broker, to a real agent.
@Suite(.serialized) struct FeedbackTests {
    private struct Answer: Decodable {
        let id: String?
        let status: String
        let reason: String
    }

    @Test func whatPeopleSayIsAnsweredKeptAndTakenBack() async throws {
        let broker = try await MosquittoBroker.started()
        let agent = try AgentUnderTest(port: broker.port, rest: AgentUnderTest.pump)
        let subscriber = try await Subscriber(broker, topics: ["sedge/#", "homeassistant/#"])
        func answer(_ id: String) async -> Answer? {
            func last() -> Answer? {
                subscriber.decoded(Answer.self, under: "sedge/test/feedback-ack/pump-1").last { $0.id == id }
            }
            _ = await eventually { last() != nil }
            return last()
        }
        let people = try await ChaosPublisher(broker)
        func say(_ payload: String) async { await people.send("sedge/test/feedback/pump-1", payload) }
        var sedged = try agent.start()
        #expect(await eventually { subscriber.payloads("sedge/test/availability").last == "online" })
        try await AgentUnderTest.simulatePump(port: broker.port)
        #expect(await eventually(within: .seconds(60)) { subscriber.insights.contains { $0.kind == .anomaly } })

        await say(#"{"id":"v","insight":"last","verdict":"normal"}"#)
        #expect(await answer("v")?.status == "accepted")
        // The simulated day begins at 1772323200000; its first 400 seconds are ordinary.
        await say(#"{"id":"l","label":"pumping","from":1772323300000,"to":1772323500000}"#)
        #expect(await answer("l")?.status == "accepted")
        await say(#"{"id":"bad","label":"pumping","from":1,"to":2}"#)
        #expect(await answer("bad")?.reason.contains("no step is remembered") == true)

        sedged.kill9()
        _ = await sedged.waitForExit()
        sedged = try agent.start()
        #expect(await eventually { subscriber.payloads("sedge/test/availability").last == "online" })
        await say(#"{"id":"l","label":"pumping","from":1772323300000,"to":1772323500000}"#)
        await say(#"{"id":"undo","revoke":"l"}"#)
        #expect(await answer("undo")?.status == "revoked")
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0, "\(sedged.errors)")
    }
}
