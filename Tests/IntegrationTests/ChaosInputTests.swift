import SedgeCore
import Testing
import TestSupport

/// Whatever sensors and strangers may send.
@Suite(.serialized) struct ChaosInputTests {
    private static let times = [
        "0", "-1", "1e300", "-1e300", "9223372036854775807", "-9223372036854775808", "1e18", "4102444800000", "null",
        "\"1970-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59Z\"", "[]", "true", "1e-300", "1152921504606846976",
    ]
    private static let values = [
        "1e308", "-1e308", "5e-324", "\"NaN\"", "null", "0", "1", "1e30", "-1e160", "3.5e38", "true", "[1]", "{}",
        "1e999", "123456789012345678901234567890",
    ]

    private static let streams = ["", "rate_hz = 10", "rate_hz = 100000", "rate_hz = 0.000001"].enumerated().map {
        """
        [[stream]]
        topic = "c\($0)/{stream}"
        channels = { x = "$.x", y = "$.y" }
        time = "$.ts"
        hop = 2
        \($1)
        """
    }

    @Test func impossibleNumbersAndTimesStopNothing() async throws {
        let broker = try await MosquittoBroker.started()
        let agent = try AgentUnderTest(port: broker.port, rest: Self.streams.joined(separator: "\n"))
        let subscriber = try await Subscriber(broker, topics: ["sedge/test/health"])
        let publisher = try await ChaosPublisher(broker)
        let sedged = try agent.start()
        #expect(await eventually { !subscriber.messages.isEmpty })
        var random = SeededRandom(seed: 23)
        func any(_ texts: [String]) -> String { texts[Int(random.next() % UInt64(texts.count))] }
        var time = SystemTime.now().milliseconds
        for number in 0..<6000 {
            // Runs of one kind, so that each gets as far as steps and scores.
            let kind = number / 500 % 6
            time += kind == 4 && number % 40 == 0 ? -86_400_000 : 100
            let x = kind < 3 ? any(Self.values) : "\(random.uniform() * (kind == 5 ? 1e300 : 1))"
            let ts = kind % 3 == 0 ? any(Self.times) : "\(time)"
            await publisher.send("c\(number % 4)/s\(number % 4)\(kind)", #"{"x":\#(x),"y":\#(number % 7),"ts":\#(ts)}"#)
        }
        let health = { subscriber.decoded(Health.self, under: "sedge/test/health").last }
        #expect(await eventually(within: .seconds(60)) { (health()?.messagesTotal ?? 0) >= 6000 })
        #expect(sedged.isRunning, "\(sedged.errors.suffix(2000))")
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }

    @Test func namesWithoutEndAreBoundedAndHarmOnlyThemselves() async throws {
        let broker = try await MosquittoBroker.started()
        let agent = try AgentUnderTest(port: broker.port, rest: ChaosPublisher.stream)
        let subscriber = try await Subscriber(broker, topics: ["sedge/test/health", "sedge/test/state/good"])
        let publisher = try await ChaosPublisher(broker)
        let sedged = try agent.start()
        #expect(await eventually { !subscriber.messages.isEmpty })
        let start = SystemTime.now().milliseconds - 1_000_000
        await publisher.send("c/good", #"{"x":0,"ts":\#(start)}"#)
        for name in ["a b", "ä", "$SYS", "'; drop table insights;--", String(repeating: "n", count: 65)] {
            await publisher.send("c/\(name)", #"{"x":1}"#)
        }
        for number in 0..<3000 { await publisher.send("c/n\(number)", #"{"x":1}"#) }
        for number in 1...16 {
            await publisher.send("c/good", #"{"x":\#(number),"ts":\#(start + Int64(number) * 1000)}"#)
        }
        #expect(await eventually(within: .seconds(60)) { subscriber.states("good").last?.ts == start + 15_000 })
        let health = { subscriber.decoded(Health.self, under: "sedge/test/health").last }
        #expect(await eventually { health()?.streams == 256 })
        #expect(sedged.errors.split(separator: "can not become a stream").count == 2, "said once a minute")
        sedged.terminate()
        #expect(await sedged.waitForExit() == 0)
    }
}
