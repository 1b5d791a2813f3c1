import Messaging
import SedgeCore
import TestSupport
import Testing

/// The client against brokers that real ones are not.
@Suite struct FallbackTests {
    private static func is5(_ connect: [UInt8]) -> Bool { connect.count > 8 && connect[8] == 5 }

    @Test(arguments: [
        // An old broker's CONNACK, one of a broker that knows MQTT 5, and one that just closes.
        FakeBroker.Answer(bytes: [0x20, 2, 0, 1], closes: true),
        FakeBroker.Answer(bytes: [0x20, 3, 0, 0x84, 0], closes: true),
        FakeBroker.Answer(bytes: [], closes: true),
    ])
    func fallsBackToMQTT311AndStaysThere(refusal: FakeBroker.Answer) async throws {
        let broker = FakeBroker { Self.is5($0) ? refusal : FakeBroker.accept311 }
        defer { broker.stop() }
        let recorder = ClientRecorder()
        let client = startClient(broker.settings, recorder: recorder)
        #expect(await eventually { client.isConnected })
        #expect(broker.levels == [5, 4])
        #expect(recorder.sentences.contains { $0.hasSuffix("with MQTT 3.1.1.") })
        breakConnections(to: broker.port)
        #expect(await eventually { recorder.connected == 2 })
        #expect(broker.levels == [5, 4, 4])
        client.stop(deadline: .seconds(1))
    }

    @Test func asksForNoLargerPacketsThanItTakes() async throws {
        let broker = FakeBroker { _ in FakeBroker.accept5 }
        defer { broker.stop() }
        let client = startClient(broker.settings, recorder: ClientRecorder())
        #expect(await eventually { client.isConnected })
        // Maximum Packet Size is property 0x27 with four bytes.
        let connect = try #require(broker.connects.first)
        let position = try #require(connect.firstIndex(of: 0x27))
        let size = connect[(position + 1)...].prefix(4).reduce(0) { $0 << 8 | Int($1) }
        #expect(size >= 1 << 20 && size < 1 << 21)
        client.stop(deadline: .seconds(1))
    }

    @Test func givesUpOnASilentBrokerAndTriesAgain() async throws {
        let broker = FakeBroker { _ in .init(bytes: [], closes: false) }
        defer { broker.stop() }
        var settings = broker.settings
        settings.connectTimeout = .milliseconds(100)
        let recorder = ClientRecorder()
        let client = startClient(settings, recorder: recorder)
        #expect(await eventually { broker.connects.count >= 2 })
        #expect(recorder.sentences.contains { $0.hasSuffix("did not accept the connection within 0.1 s.") })
        client.stop(deadline: .seconds(1))
    }

    /// Seeds 0..<60: random bytes, and valid packets with flipped bits, before and after CONNACK.
    @Test func survivesGarbage() async throws {
        let counter = SeedCounter()
        let broker = FakeBroker { connect in
            var random = SeededRandom(seed: counter.next())
            var bytes: [UInt8]
            if random.next() % 2 == 0 {
                bytes = (0..<Int(1 + random.next() % 300)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            } else {
                bytes = [
                    0x20, 3, 0, 0, 0, 0x32, 9, 0, 1, 0x61, 0, 1, 0, 0x68, 0x69, 0x21, 0x40, 2, 0, 1, 0x90, 4, 0, 1, 0,
                    1,
                ]
                for _ in 0..<3 {
                    bytes[Int(random.next() % UInt64(bytes.count))] ^= UInt8(1 << (random.next() % 8))
                }
            }
            return .init(bytes: bytes, closes: true)
        }
        defer { broker.stop() }
        let recorder = ClientRecorder()
        let client = MQTTClient(
            settings: broker.settings, clientID: "g", will: nil, handlers: recorder.handlers(), seed: 1,
            backoff: Backoff(minimum: .milliseconds(1), maximum: .milliseconds(2), stableAfter: .seconds(1)))
        client.start()
        #expect(await eventually(within: .seconds(60)) { broker.connects.count >= 60 })
        client.stop(deadline: .seconds(1))
        #expect(recorder.events.last == .stopped(unacknowledged: 0))
    }
}
