import Dispatch
import Messaging
import SedgeCore
import Synchronization
import TestSupport
import Testing

@testable import sedge

/// Against a real mosquitto.
@Suite(.enabled(if: Program.tool("mosquitto").exists, "needs mosquitto"))
struct PublisherTests {
    private func publisher(_ broker: MosquittoBroker, qos: Int) -> Publisher {
        Publisher(
            settings: BrokerSettings(host: "127.0.0.1", port: broker.port), clientID: "publisher-\(qos)", qos: qos)
    }

    /// Publishing blocks; tests' threads must not.
    private func onThread(_ body: @escaping @Sendable () throws -> Void) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            _ = WorkerThread(name: "publish") { continuation.resume(with: Result(catching: body)) }
        }
    }

    @Test(arguments: [0, 1])
    func everyMessageArrivesInOrder(qos: Int) async throws {
        var options = MosquittoBroker.Options()
        options.lines = ["max_queued_messages 0"]
        let broker = try await MosquittoBroker.started(options)
        let subscriber = try await Subscriber(broker, topics: ["load/#"])
        // More than the client's buffer holds.
        let count = 6000
        try await onThread {
            let publisher = publisher(broker, qos: qos)
            defer { publisher.disconnect() }
            try publisher.connect(within: 5)
            for index in 1...count {
                #expect(publisher.publish(topic: "load/a", payload: Array("\(index)".utf8), isLast: index == count))
            }
            try publisher.settle(within: 20)
            #expect(publisher.acknowledged == (qos == 1 ? count : 1))
        }
        #expect(await eventually(within: .seconds(10)) { subscriber.messages.count == count })
        #expect(subscriber.messages.map(\.payload) == (1...count).map(String.init))
        await broker.stop()
    }

    @Test func aLostBrokerCostsNoMessageOfQoS1() async throws {
        let broker = try await MosquittoBroker.started()
        let count = 3000
        let progress = Progress()
        let restart = Task {
            #expect(await eventually(within: .seconds(10)) { progress.sent >= 500 })
            broker.kill()
            progress.goOn()
            try await Task.sleep(for: .milliseconds(300))
            try await broker.start()
        }
        try await onThread {
            let publisher = publisher(broker, qos: 1)
            defer { publisher.disconnect() }
            try publisher.connect(within: 5)
            for index in 1...count {
                #expect(publisher.publish(topic: "load/a", payload: Array("\(index)".utf8), isLast: index == count))
                progress.advance()
                // The broker dies in the middle.
                if index == 500 { progress.waitToGoOn() }
            }
            try publisher.settle(within: 20)
            #expect(publisher.acknowledged == count)
        }
        try await restart.value
        await broker.stop()
    }

    @Test func saysWhyItCannotConnect() async throws {
        let port = freeLoopbackPort()
        try await onThread {
            let publisher = Publisher(
                settings: BrokerSettings(host: "127.0.0.1", port: port), clientID: "nobody", qos: 0)
            let failure = #expect(throws: Failure.self) { try publisher.connect(within: 0.5) }
            #expect(failure?.code == .unavailable)
            #expect(failure?.description.contains("127.0.0.1:\(port)") == true)
        }
        var options = MosquittoBroker.Options()
        options.passwords = ["gw": "right"]
        let broker = try await MosquittoBroker.started(options)
        try await onThread {
            let settings = BrokerSettings(
                host: "127.0.0.1", port: broker.port, username: "gw", password: Secret("wr0ng"))
            let publisher = Publisher(settings: settings, clientID: "gw", qos: 0)
            let began = SystemTime.monotonicNanoseconds()
            let failure = #expect(throws: Failure.self) { try publisher.connect(within: 20) }
            #expect(
                SystemTime.monotonicNanoseconds() - began < 10_000_000_000, "a wrong password is not tried for long")
            #expect(failure?.code == .unavailable)
            #expect(failure?.description.contains("wr0ng") == false)
        }
        await broker.stop()
    }

    /// How far a publisher on another thread is.
    private final class Progress: Sendable {
        private let count = Atomic(0)
        private let gate = DispatchSemaphore(value: 0)
        var sent: Int { count.load(ordering: .relaxed) }
        func advance() { count.wrappingAdd(1, ordering: .relaxed) }
        func goOn() { gate.signal() }
        func waitToGoOn() { gate.wait() }
    }
}
