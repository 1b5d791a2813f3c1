import SedgeCore
import Testing

@testable import Inference

/// A batch shared among threads.
struct ThreadedEncoderTests {
    /// Batches of all sizes on both sides of a share and of a chunk, against one thread.
    @Test(arguments: [2, 3, 5], [1, 8, 16])
    func anyNumberOfThreadsGivesTheSameBytes(threads: Int, share: Int) throws {
        let network = PackedNetwork(bundle: try Fixtures.bundle(seed: 4), kernels: .scalar)
        let (alone, shared) = (StreamingEncoder(network), StreamingEncoder(network, threads: threads))
        shared.minimumShare = share
        let lanes = (0..<200).map { _ in alone.addLane() }
        #expect(lanes == lanes.map { _ in shared.addLane() })
        var random = SeededRandom(seed: UInt64(threads))
        for rows in [1, 2, 8, 9, 15, 16, 17, 63, 64, 65, 127, 130, 200] {
            for _ in 0..<3 {
                let due = Array(lanes.shuffled(using: &random).prefix(rows))
                let patches = Fixtures.patches(network.architecture, steps: rows, random: &random)
                #expect(
                    shared.stepBytes(lanes: due, patches: patches) == alone.stepBytes(lanes: due, patches: patches),
                    "\(rows) rows, seed \(threads)")
            }
        }
        for lane in lanes { #expect(shared.snapshotLane(lane) == alone.snapshotLane(lane)) }
    }

    /// Encoders on several threads may share one packed network.
    @Test func encodersShareTheirWeights() async throws {
        let network = PackedNetwork(bundle: try Fixtures.bundle(), kernels: .scalar)
        let bytes = await withTaskGroup(of: [Int8].self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let encoder = StreamingEncoder(network)
                    let lane = encoder.addLane()
                    return (0..<50).flatMap { encoder.stepBytes(lanes: [lane], patches: [Float($0), 1, 2, 3]) }
                }
            }
            return await group.reduce(into: [[Int8]]()) { $0.append($1) }
        }
        #expect(Set(bytes).count == 1)
    }

    /// With a clock that says what it is told: a row of 10 ns, and wake-ups of 150 ns or, on a busy machine, of 1 ms.
    @Test(arguments: [(150, 30), (1_000_000, 64), (1, 1)] as [(Int64, Int)])
    func aShareRepaysTheWakeUpTwice(wakeUp: Int64, share: Int) throws {
        let encoder = StreamingEncoder(bundle: try Fixtures.bundle(), kernels: .scalar, threads: 2)
        var readings = (0..<30).flatMap { $0 < 15 ? [0, 160] : [0, wakeUp] as [Int64] }
        encoder.tune { readings.removeFirst() }
        #expect(encoder.minimumShare == share)
        #expect(readings.isEmpty)
    }
}
