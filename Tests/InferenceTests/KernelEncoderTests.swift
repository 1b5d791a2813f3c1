import Inference
import SedgeCore
import Testing

/// The whole encoder with every variant of the kernels that runs here; `Tests/CKernelTests` checks them one by one.
struct KernelEncoderTests {
    /// Windows and streams, in batches that leave every remainder of a tile.
    @Test(arguments: KernelSet.available, [TCNArchitecture.tcn64, .tcn32])
    func windowsAndStreamsGiveTheSpecificationsBytes(kernel: String, architecture: TCNArchitecture) throws {
        let seed = UInt64(architecture.channels)
        let bundle = try ModelBundle.random(architecture: architecture, seed: seed)
        var random = SeededRandom(seed: seed)
        let (values, width, steps) = (architecture.patchValues, architecture.embedding, 12)
        let inputs = (0..<9).map { _ in Fixtures.patches(architecture, steps: steps, random: &random) }
        let scalar = WindowEncoder(bundle: bundle, kernels: .scalar)
        let expected = inputs.map { scalar.bytes(of: $0) }

        let kernels = try KernelSet.select(kernel)
        let windows = WindowEncoder(bundle: bundle, kernels: kernels)
        #expect(inputs.map { windows.bytes(of: $0) } == expected, "windows, seed \(seed)")

        let encoder = StreamingEncoder(bundle: bundle, kernels: kernels)
        let lanes = inputs.map { _ in encoder.addLane() }
        for count in 1...lanes.count {
            for lane in lanes { encoder.resetLane(lane) }
            for step in 0..<(count == lanes.count ? steps : 2) {
                let patches = inputs.prefix(count).flatMap { $0[step * values..<(step + 1) * values] }
                let found = encoder.stepBytes(lanes: Array(lanes.prefix(count)), patches: patches)
                let wanted = expected.prefix(count).flatMap { $0[step * width..<(step + 1) * width] }
                #expect(found == wanted, "\(count) lanes, step \(step), seed \(seed)")
            }
        }
    }
}
