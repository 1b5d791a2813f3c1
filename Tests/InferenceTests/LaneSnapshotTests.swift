import Inference
import SedgeCore
import Testing

/// Saving a lane and going on from it.
struct LaneSnapshotTests {
    let bundle: ModelBundle
    let encoder: StreamingEncoder
    let lane: Int
    let inputs: [[Float]]

    init() throws {
        bundle = try Fixtures.bundle()
        encoder = StreamingEncoder(bundle: bundle, kernels: .scalar)
        lane = encoder.addLane()
        var random = SeededRandom(seed: 3)
        inputs = (0..<30).map { _ in Fixtures.patches(Fixtures.small, steps: 1, random: &random) }
    }

    @Test(arguments: [0, 1, 7, 13])
    func aRestoredLaneGoesOnAsIfNothingHadHappened(steps: Int) throws {
        for input in inputs.prefix(steps) { _ = encoder.stepBytes(lanes: [lane], patches: input) }
        let snapshot = encoder.snapshotLane(lane)

        let other = StreamingEncoder(bundle: bundle, kernels: .scalar)
        _ = other.addLane()
        let restored = other.addLane()
        _ = other.stepBytes(lanes: [restored], patches: inputs[20])
        try other.restoreLane(restored, from: snapshot)
        for input in inputs.dropFirst(steps) {
            #expect(
                other.stepBytes(lanes: [restored], patches: input) == encoder.stepBytes(lanes: [lane], patches: input))
        }
    }

    @Test func anotherBundlesStateIsRefused() throws {
        let stranger = StreamingEncoder(bundle: try Fixtures.bundle(seed: 2), kernels: .scalar)
        let snapshot = stranger.snapshotLane(stranger.addLane())
        let before = encoder.snapshotLane(lane)
        let error = #expect(throws: SnapshotError.self) { try encoder.restoreLane(lane, from: snapshot) }
        #expect(error?.description.contains(stranger.fingerprint) == true)
        #expect(encoder.snapshotLane(lane) == before)
    }

    @Test func anImpossiblePositionIsRefused() {
        var writer = SnapshotWriter(format: 0x4C4E_0001)
        writer.write(bundle.fingerprint)
        writer.write(UInt32(8))  // two taps back, 2^2 apart: 8 slots
        writer.write([UInt8](repeating: 0, count: encoder.laneStateSize))
        let snapshot = writer.finish()
        #expect(throws: SnapshotError.self) { try encoder.restoreLane(lane, from: snapshot) }
    }

    @Test func everyBrokenSnapshotIsRefused() {
        let snapshot = encoder.snapshotLane(lane)
        for count in 0..<snapshot.count {
            #expect(throws: SnapshotError.self) { try encoder.restoreLane(lane, from: Array(snapshot.prefix(count))) }
        }
        for index in snapshot.indices {
            var broken = snapshot
            broken[index] ^= 1 << UInt8(index % 8)
            #expect(throws: SnapshotError.self) { try encoder.restoreLane(lane, from: broken) }
        }
    }
}
