import Inference
import SedgeCore

/// Bundles and inputs that several suites use.
enum Fixtures {
    /// Sizes on both sides of every boundary: channels below, at and beyond a kernel's tile, joint inputs, kernels of
    /// 2 to 5 taps.
    static let architectures: [TCNArchitecture] = [
        TCNArchitecture(mode: .independent, patch: 1, channels: 1, blocks: 1, kernel: 2, embedding: 1),
        TCNArchitecture(mode: .independent, patch: 4, channels: 5, blocks: 3, embedding: 3),
        TCNArchitecture(mode: .joint, inputChannels: 3, patch: 2, channels: 16, blocks: 2, kernel: 5, embedding: 17),
        TCNArchitecture(mode: .joint, inputChannels: 2, patch: 3, channels: 19, blocks: 4, kernel: 2, embedding: 8),
    ]

    static let small = architectures[1]

    /// A bundle of the small architecture with everything spelt out.
    static func bundle(seed: UInt64 = 1) throws -> ModelBundle { try .random(architecture: small, seed: seed) }

    /// Seeded patches (steps, in·p): a random walk with jumps, some out of range, some missing.
    static func patches(_ architecture: TCNArchitecture, steps: Int, random: inout SeededRandom) -> [Float] {
        var level = 0.0
        return (0..<steps * architecture.patchValues).map { _ in
            level = 0.9 * level + random.uniform() * 2 - 1
            switch random.next() % 50 {
            case 0: return .nan
            case 1: return 50
            default: return Float(level)
            }
        }
    }
}

extension ModelBundle {
    /// With another network but all else the same.
    func replacing(network: QuantizedTCN) throws(BundleError) -> ModelBundle {
        try ModelBundle(
            name: name, version: version, architecture: architecture, preprocessing: preprocessing, network: network,
            training: training, dataLicence: dataLicence, selfTestPatches: selfTestVectors.patches)
    }
}
