import SedgeCore
import TestSupport

/// Random samples of five streams, 500 a second, or 50 for an emulated agent, until somebody stops it.
final class SampleFlood: Sendable {
    static let streams = 5
    private static let rate = 500 / patience

    private let publisher: ChaosPublisher
    private let feeder: Task<Int, Never>

    init(_ broker: MosquittoBroker) async throws {
        let publisher = try await ChaosPublisher(broker)
        self.publisher = publisher
        feeder = Task {
            var random = SeededRandom(seed: 3)
            let clock = ContinuousClock()
            let (begin, start) = (clock.now, SystemTime.now().milliseconds)
            var sent = 0
            while !Task.isCancelled {
                let time = start + Int64(sent / Self.streams) * Int64(1000 * Self.streams / Self.rate)
                await publisher.send("c/s\(sent % Self.streams)", #"{"x":\#(random.uniform()),"ts":\#(time)}"#)
                sent += 1
                try? await clock.sleep(until: begin + .milliseconds(sent * 1000 / Self.rate))
            }
            return sent
        }
    }

    /// How many samples it was. The last two bring an insight each.
    func stop() async -> Int {
        await publisher.sendFutureTime(0)
        await publisher.sendFutureTime(1)
        feeder.cancel()
        return await feeder.value + 2
    }
}
