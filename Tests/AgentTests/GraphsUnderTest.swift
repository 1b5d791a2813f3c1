import SedgeCore

@testable import Inference

/// Small graphs with seeded weights, as an import would make them, and a stream for each.
enum GraphsUnderTest: String, CaseIterable, Sendable {
    /// A window of one channel, of two channels together, and a step of new samples beside a past.
    case window, joint, stream

    static let hop = 4

    var channels: Int { self == .joint ? 2 : 1 }

    /// Of one step.
    var samples: Int { self == .stream ? Self.hop : 24 }

    /// The JSON of a `[[stream]]`.
    var configuration: String { Self.configuration(channels: channels) }

    static func configuration(channels: Int, hop: Int = Self.hop) -> String {
        let list = ["x", "y", "z"].prefix(channels).map { #""\#($0)":"$.\#($0)""# }.joined(separator: ",")
        return #"{"topic":"t","id":"s","channels":{\#(list)},"time":"$.ts","reorder_window_ms":0,"hop":\#(hop)}"#
    }

    /// Input as it is measured, so that tests can do the same sums.
    func bundle(seed: UInt64 = 1) throws -> GraphBundle {
        var random = SeededRandom(seed: seed)
        let input = ActivationQuantization(scale: 8 / 127, zeroPoint: 0)
        let inner = ActivationQuantization(scale: 0.05, zeroPoint: -128)
        func layer(_ outputs: Int, _ inputs: Int, _ taps: Int) -> QuantizedConvolution {
            QuantizedConvolution(
                outputs: outputs, inputs: inputs, taps: taps,
                weight: (0..<outputs * inputs * taps).map { _ in Int8(Int(random.uniform() * 255) - 127) },
                weightScale: Array(repeating: 0.5 / Float(127 * inputs * taps).squareRoot(), count: outputs),
                bias: Array(repeating: 0, count: outputs))
        }
        func node(
            _ layer: QuantizedConvolution, _ value: Int, dilation: Int = 1, before: Int = 0, after: Int = 0,
            output: ActivationQuantization
        ) -> QuantizedGraph.Node {
            QuantizedGraph.Node(
                operation: .convolution(
                    .init(
                        layer: layer, isDepthwise: false, dilation: dilation, stride: 1, before: before, after: after)),
                inputs: [value], output: output)
        }
        let nodes =
            self == .stream
            ? [
                node(layer(6, 1, 3), 0, before: 2, output: inner),
                node(layer(6, 6, 3), 1, dilation: 4, before: 8, output: inner),
                node(layer(5, 6, 1), 2, output: input),
            ]
            // It looks ahead, and its last layer reads all of the window.
            : [
                node(layer(6, channels, 5), 0, before: 2, after: 2, output: inner),
                node(layer(5, 6, samples), 1, output: input),
            ]
        let graph = QuantizedGraph(
            context: self == .stream ? .stream : .window, inputShape: .init(frames: samples, channels: channels),
            input: input, nodes: nodes)
        return try GraphBundle(
            name: rawValue, version: "\(seed)", graph: graph,
            preprocessing: BundlePreprocessing(
                normalisation: .fixed(
                    [.init(center: 0, scale: 1)]
                        + Array(repeating: .init(center: 0, scale: 1), count: channels - 1)), clip: 8,
                defaultHop: Self.hop),
            training: "{}", dataLicence: "none",
            selfTestPatches: (0..<graph.patchValues * 3).map { _ in Float(random.uniform() * 4 - 2) })
    }
}
