import Inference
import SedgeCore
import Testing

/// A whole window at once; that streaming gives the same is `StreamingEncoderTests`' claim.
struct WindowEncoderTests {
    @Test(arguments: Fixtures.architectures, [UInt64](5...7))
    func aWindowGivesWhatTheDefinitionGives(architecture: TCNArchitecture, seed: UInt64) throws {
        let bundle = try ModelBundle.random(architecture: architecture, seed: seed)
        var random = SeededRandom(seed: seed)
        let patches = Fixtures.patches(architecture, steps: 35, random: &random)
        let rows = (0..<35).map { Array(patches[$0 * architecture.patchValues..<($0 + 1) * architecture.patchValues]) }
        let expected = ReferenceNetwork(architecture: architecture, network: bundle.network).embed(rows)
        #expect(WindowEncoder(bundle: bundle, kernels: .scalar).bytes(of: patches) == expected.flatMap { $0 })
    }

    /// The buffers of a long window serve a short one.
    @Test func windowsOfAnyLengthFollowEachOther() throws {
        let bundle = try Fixtures.bundle()
        let encoder = WindowEncoder(bundle: bundle, kernels: .scalar, steps: 3)
        var random = SeededRandom(seed: 9)
        for steps in [3, 100, 1, 0, 64, 65, 7] {
            let window = Fixtures.patches(Fixtures.small, steps: steps, random: &random)
            #expect(
                encoder.bytes(of: window) == WindowEncoder(bundle: bundle, kernels: .scalar).bytes(of: window),
                "\(steps) steps")
        }
    }

    @Test func embeddingsAreTheDequantisedBytes() throws {
        let bundle = try Fixtures.bundle()
        let encoder = WindowEncoder(bundle: bundle, kernels: .scalar)
        var random = SeededRandom(seed: 10)
        let window = Fixtures.patches(Fixtures.small, steps: 20, random: &random)
        #expect(encoder.values(of: window) == encoder.bytes(of: window).map(bundle.network.embedding.dequantize))
    }
}

extension WindowEncoder {
    /// For tests: the macros of Swift Testing can not carry a span.
    func bytes(of window: [Float]) -> [Int8] { embedBytes(window: window.span) }
    func values(of window: [Float]) -> [Float] { embed(window: window.span) }
}
