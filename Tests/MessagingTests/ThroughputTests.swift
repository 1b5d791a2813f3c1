import Messaging
import SedgeCore
import Synchronization
import TestSupport
import Testing

/// Many messages through a real mosquitto: none lost, none twice. The rate goes to the output;
/// `SEDGE_BURST` sets the size. (Large bursts of QoS 1 measure mosquitto's queue, which slows down as it grows.)
@Suite(.serialized) struct ThroughputTests {
    @Test(arguments: [0, 1])
    func takesABurstWholeAndInOrder(qos: Int) async throws {
        let count = environment("SEDGE_BURST").flatMap(Int.init) ?? 5_000
        var options = MosquittoBroker.Options()
        options.lines = ["max_queued_messages 0", "max_inflight_messages 100"]
        let broker = try await MosquittoBroker.started(options)
        let received = Counter()
        let client = MQTTClient(
            settings: BrokerSettings(broker), clientID: "burst", will: nil,
            handlers: MQTTHandlers(onMessage: { topic, payload, _ in received.take(topic, payload) }), seed: 1)
        client.setSubscriptions(["plant/+/sensors": qos])
        client.start()
        #expect(await eventually { client.isConnected })
        let folder = TemporaryFolder()
        let lines = try folder.write(
            "lines", (0..<count).map { "{\"seq\":\($0),\"temp\":21.5}" }.joined(separator: "\n") + "\n")
        let clock = ContinuousClock()
        let start = clock.now
        let processorStart = SystemTime.processCPUNanoseconds()
        let outcome = try await Launcher.run(
            .tool("sh"),
            ["-c", "mosquitto_pub -p \(broker.port) -t plant/pump/sensors -q \(qos) -l < \(lines)"])
        #expect(outcome.status == 0)
        #expect(await eventually(within: .seconds(60)) { received.count == count })
        #expect(received.isInOrder)
        let seconds = (clock.now - start) / .seconds(1)
        let processor = Double(SystemTime.processCPUNanoseconds() - processorStart) / 1000 / Double(count)
        print("QoS \(qos): \(Int(Double(count) / seconds)) messages a second, \(processor) µs of processor each")
        client.stop(deadline: .seconds(1))
    }

    /// A sender faster than the broker: what `publish` does not take is offered again.
    @Test(arguments: [0, 1])
    func publishesABurstWholeAndInOrder(qos: Int) async throws {
        let count = environment("SEDGE_BURST").flatMap(Int.init) ?? 5_000
        var options = MosquittoBroker.Options()
        options.lines = ["max_queued_messages 0"]
        let broker = try await MosquittoBroker.started(options)
        let received = Counter()
        let receiver = MQTTClient(
            settings: BrokerSettings(broker), clientID: "receiver", will: nil,
            handlers: MQTTHandlers(onMessage: { topic, payload, _ in received.take(topic, payload) }), seed: 1)
        receiver.setSubscriptions(["plant/+/sensors": qos])
        receiver.start()
        let recorder = ClientRecorder()
        let sender = startClient(BrokerSettings(broker), id: "sender", recorder: recorder)
        #expect(await eventually { receiver.isConnected && sender.isConnected })
        let clock = ContinuousClock()
        let start = clock.now
        for number in 0..<count {
            let payload = Array("{\"seq\":\(number),\"temp\":21.5}".utf8)
            while !sender.publish(
                topic: "plant/pump/sensors", payload: payload, qos: qos, retain: false, token: Int64(number))
            {
                try await Task.sleep(for: .microseconds(100))
            }
        }
        #expect(await eventually(within: .seconds(60)) { received.count == count })
        #expect(received.isInOrder)
        #expect(await eventually { recorder.acknowledged.count == (qos == 1 ? count : 0) })
        #expect(recorder.acknowledged == (qos == 1 ? (0..<Int64(count)).map(\.self) : []))
        let seconds: Double = (clock.now - start) / Duration.seconds(1)
        print("QoS \(qos): \(Int(Double(count) / seconds)) messages a second published")
        sender.stop(deadline: .seconds(1))
        receiver.stop(deadline: .seconds(1))
    }

    /// Checks that payload n says `"seq":n`.
    private final class Counter: Sendable {
        private let state = Mutex((count: 0, isInOrder: true))
        var count: Int { state.withLock { $0.count } }
        var isInOrder: Bool { state.withLock { $0.isInOrder } }

        func take(_ topic: UnsafeRawBufferPointer, _ payload: UnsafeRawBufferPointer) {
            var number = 0
            for byte in payload.dropFirst(7).prefix(while: { $0 != UInt8(ascii: ",") }) {
                number = number * 10 + Int(byte) - 48
            }
            state.withLock {
                if number != $0.count || topic.count != 18 { $0.isInOrder = false }
                $0.count += 1
            }
        }
    }
}
