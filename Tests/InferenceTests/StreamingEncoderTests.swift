import Inference
import SedgeCore
import Testing

/// Streaming = batched = whole window = the definition, byte for byte.
struct StreamingEncoderTests {
    /// Lanes that join at any time, in batches of any size and order, each against its own window.
    @Test(arguments: Fixtures.architectures, [UInt64](1...4))
    func anyInterleavingGivesTheWindowsBytes(architecture: TCNArchitecture, seed: UInt64) throws {
        let bundle = try ModelBundle.random(architecture: architecture, seed: seed)
        let encoder = StreamingEncoder(bundle: bundle, kernels: .scalar)
        var random = SeededRandom(seed: seed &* 977)
        let (values, width, steps) = (architecture.patchValues, architecture.embedding, 40)
        let inputs = (0..<5).map { _ in Fixtures.patches(architecture, steps: steps, random: &random) }
        let lanes = inputs.map { _ in encoder.addLane() }
        var outputs = [[Int8]](repeating: [], count: lanes.count)

        while true {
            let unfinished = lanes.indices.filter { outputs[$0].count < steps * width }
            if unfinished.isEmpty { break }
            let due = Array(unfinished.shuffled(using: &random).prefix(Int(random.next() % 5) + 1))
            let patches = due.flatMap { lane in
                let step = outputs[lane].count / width
                return inputs[lane][step * values..<(step + 1) * values]
            }
            let bytes = encoder.stepBytes(lanes: due.map { lanes[$0] }, patches: patches)
            for (row, lane) in due.enumerated() {
                outputs[lane] += bytes[row * width..<(row + 1) * width]
            }
        }
        let windows = WindowEncoder(encoder.network)
        for lane in lanes.indices {
            #expect(outputs[lane] == windows.bytes(of: inputs[lane]), "lane \(lane), seed \(seed)")
        }
    }

    /// Longer than the receptive field, so that every ring has gone round.
    @Test func theReferenceSizeStreamsBeyondItsReceptiveField() throws {
        let architecture = TCNArchitecture(mode: .independent, patch: 2, channels: 4, blocks: 8, embedding: 4)
        let bundle = try ModelBundle.random(architecture: architecture, seed: 8)
        let encoder = StreamingEncoder(bundle: bundle, kernels: .scalar)
        var random = SeededRandom(seed: 8)
        let steps = architecture.receptiveField + 90
        let patches = Fixtures.patches(architecture, steps: steps, random: &random)
        let lane = encoder.addLane()
        var bytes: [Int8] = []
        for step in 0..<steps {
            bytes += encoder.stepBytes(lanes: [lane], patches: Array(patches[step * 2..<step * 2 + 2]))
        }
        let windows = WindowEncoder(encoder.network)
        #expect(bytes == windows.bytes(of: patches))
        // What lies beyond the receptive field has no say.
        let recent = Array(patches.suffix(architecture.receptiveField * 2))
        #expect(windows.bytes(of: recent).suffix(4) == bytes.suffix(4))
    }

    @Test func tcn64KeepsItsBudget() throws {
        let bundle = try ModelBundle.random(architecture: .tcn64, seed: 1)
        let encoder = StreamingEncoder(bundle: bundle, kernels: .scalar)
        #expect(encoder.laneStateSize == 32_640)
        #expect(TCNArchitecture.tcn64.receptiveField == 511)
        #expect(TCNArchitecture.tcn64.multiplicationsPerStep == 135_680)
        #expect(bundle.serialized().count < 256 << 10)
    }

    @Test func embeddingsAreTheDequantisedBytes() throws {
        let bundle = try Fixtures.bundle()
        let encoder = StreamingEncoder(bundle: bundle, kernels: .scalar)
        let lane = encoder.addLane()
        let patch: [Float] = [1, 1, 1, 1]
        var embedding = [Float](repeating: .nan, count: 3)
        var output = embedding.mutableSpan
        encoder.step(lanes: [lane].span, patches: patch.span, embeddings: &output)
        encoder.resetLane(lane)
        #expect(
            embedding == encoder.stepBytes(lanes: [lane], patches: patch).map(bundle.network.embedding.dequantize))
    }

    @Test func anEmptyBatchIsNothing() throws {
        let encoder = StreamingEncoder(bundle: try Fixtures.bundle(), kernels: .scalar)
        #expect(encoder.stepBytes(lanes: [], patches: []) == [])
    }

    @Test func removedLanesComeBackWithoutAPast() throws {
        let bundle = try Fixtures.bundle()
        let encoder = StreamingEncoder(bundle: bundle, kernels: .scalar)
        let lanes = (0..<3).map { _ in encoder.addLane() }
        let patch: [Float] = [3, -2, 1, 4]
        let first = encoder.stepBytes(lanes: [lanes[1]], patches: patch)
        for _ in 0..<9 { _ = encoder.stepBytes(lanes: [lanes[1]], patches: patch) }
        encoder.removeLane(lanes[1])
        #expect(encoder.laneCount == 2)
        #expect(encoder.addLane() == lanes[1])
        #expect(encoder.laneCount == 3)
        #expect(encoder.stepBytes(lanes: [lanes[1]], patches: patch) == first)
    }

    @Test func aResetLaneHasNoPast() throws {
        let encoder = StreamingEncoder(bundle: try Fixtures.bundle(), kernels: .scalar)
        let lane = encoder.addLane()
        let patch: [Float] = [3, -2, 1, 4]
        let first = encoder.stepBytes(lanes: [lane], patches: patch)
        let second = encoder.stepBytes(lanes: [lane], patches: patch)
        #expect(first != second)
        encoder.resetLane(lane)
        #expect(encoder.stepBytes(lanes: [lane], patches: patch) == first)
    }
}

extension StreamingEncoder {
    /// `step` for tests: arrays in, an array out. The macros of Swift Testing can not carry a span.
    func stepBytes(lanes: [Int], patches: [Float]) -> [Int8] {
        var bytes = [Int8](repeating: 0, count: lanes.count * architecture.embedding)
        var output = bytes.mutableSpan
        step(lanes: lanes.span, patches: patches.span, bytes: &output)
        return bytes
    }
}
