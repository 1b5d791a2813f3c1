import Inference
import SedgeCore
import TestSupport
import Testing

@testable import sedge

/// What int8 is compared with.
@Suite struct FloatEmbedderTests {
    private let folder = TemporaryFolder()
    private static let architecture = TCNArchitecture(
        mode: .independent, patch: 8, channels: 8, blocks: 2, embedding: 8)

    private func bundle(seed: UInt64) throws -> ModelBundle {
        try ModelBundle.random(architecture: Self.architecture, seed: seed)
    }

    /// A bundle's weights as float ones, each moved by up to so much of its channel's step.
    private func file(_ bundle: ModelBundle, moved: Float = 0) throws -> String {
        var random = SeededRandom(seed: 2)
        let network = bundle.network
        let layers = [network.stem] + network.blocks.flatMap { [$0.conv, $0.pointwise] } + [network.projection]
        let encoder = try FloatEncoder(
            architecture: bundle.architecture, preprocessing: nil,
            layers: layers.map { layer in
                let each = layer.inputs * layer.taps
                return FloatEncoder.Layer(
                    weight: layer.weight.enumerated().map { index, weight in
                        (Float(weight) + moved * Float(random.uniform() - 0.5)) * layer.weightScale[index / each]
                    }, bias: Array(repeating: 0, count: layer.outputs))
            })
        let path = folder.file("float.safetensors")
        try TestFile.write(encoder.serialized(), to: path)
        return path
    }

    @Test func weightsThatAreTheBundlesOwnAreToldApart() throws {
        let bundle = try bundle(seed: 1)
        let own = try FloatEmbedder(file(bundle), bundle: bundle)
        #expect(own.weightDifference < 1e-6 && own.note.hasSuffix("the loss is that of int8 activations alone."))
        let before = try FloatEmbedder(file(bundle, moved: 1), bundle: bundle)
        #expect((0.001..<0.01).contains(before.weightDifference))
        #expect(before.note.contains("those before rounding") && before.note.hasSuffix("weights and activations."))
    }

    @Test func weightsOfAnotherRunAreRefused() throws {
        let (bundle, other) = (try bundle(seed: 1), try bundle(seed: 2))
        let path = try file(other)
        let error = #expect(throws: Failure.self) { try FloatEmbedder(path, bundle: bundle) }
        #expect(error?.code == .data)
        #expect(error?.description.contains("is not what \(bundle.fingerprint) was quantized from") == true)
    }
}
