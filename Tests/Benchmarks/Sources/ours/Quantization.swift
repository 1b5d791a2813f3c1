import Inference
import Learning
import Training

/// Makes a bundle from float weights and calibration windows, by the quantizer that `sedge` uses: ranges as serve the
/// embedding best, then fine-tuning on the same windows.
struct Quantization {
    /// Ten times through the calibration windows.
    private static let passes = 10
    /// Windows in a batch of fine-tuning.
    private static let lanes = 16

    private let shape: NetworkShape
    private let weights: String
    private let calibration: String
    private let steps: Int
    private let bundle: String

    init(_ arguments: [String]) throws {
        let sizes = try arguments[0..<5].map(Refusal.size)
        shape = NetworkShape(
            patch: sizes[0], channels: sizes[1], blocks: sizes[2], taps: sizes[3], embedding: sizes[4])
        (weights, calibration, bundle) = (arguments[5], arguments[6], arguments[8])
        steps = try Refusal.size(arguments[7])
    }

    func run() throws {
        let network = try readNetwork()
        let patches = try FloatFile.read(calibration)
        let batches = try batches(patches)
        let quantized = try NetworkQuantizer.quantize(tuned(network, on: batches))
        // One step reads one sample of each channel.
        let architecture = TCNArchitecture(
            mode: .joint, inputChannels: shape.patch, patch: 1, channels: shape.channels, blocks: shape.blocks,
            kernel: shape.taps, embedding: shape.embedding)
        let scaling = BundlePreprocessing.ChannelScaling(center: 0, scale: 1)
        let result = try ModelBundle(
            name: "comparison", version: "1", architecture: architecture,
            preprocessing: BundlePreprocessing(
                normalisation: .fixed(Array(repeating: scaling, count: shape.patch)), clip: 8, defaultHop: 1),
            network: quantized, training: "{}", dataLicence: "none: generated signals",
            selfTestPatches: Array(patches.prefix(32 * shape.patch)))
        try FloatFile.write(bytes: result.serialized(), to: bundle)
    }

    private func tuned(_ network: FoldedNetwork, on batches: [PretextBatch]) throws -> FakeQuantizedNetwork {
        let gemm = BLASMatrixMultiply(threads: 1)
        var calibration = try NetworkCalibration(network, on: batches, using: gemm)
        calibration.search(network, on: batches, using: gemm)
        var tuning = FineTuning(
            NetworkQuantizer.calibrated(network, calibration), teacher: network, steps: Self.passes * batches.count)
        while !tuning.isFinished { _ = tuning.advance(on: batches[tuning.step % batches.count], using: gemm) }
        return tuning.network
    }

    /// Weights (out, in, tap), then bias (out), of each layer in the order in which data flows.
    private func readNetwork() throws -> FoldedNetwork {
        var rest = try FloatFile.read(weights)[...]
        func layer(taps: Int, outputs: Int, inputs: Int, dilation: Int = 1) throws -> FoldedLayer {
            let count = outputs * inputs * taps
            guard rest.count >= count + outputs else {
                throw Refusal(description: "\(weights) ends early: \(rest.count) numbers left for a layer of \(count)")
            }
            let values = Array(rest.prefix(count))
            let bias = Array(rest.dropFirst(count).prefix(outputs))
            rest = rest.dropFirst(count + outputs)
            var weight = values
            for output in 0..<outputs {
                for input in 0..<inputs {
                    for tap in 0..<taps {
                        weight[(tap * outputs + output) * inputs + input] =
                            values[(output * inputs + input) * taps + tap]
                    }
                }
            }
            return FoldedLayer(
                taps: taps, outputs: outputs, inputs: inputs, dilation: dilation, weight: weight, bias: bias)
        }
        let stem = try layer(taps: 1, outputs: shape.channels, inputs: shape.patch)
        let blocks = try (0..<shape.blocks).map { block in
            FoldedNetwork.Block(
                convolution: try layer(
                    taps: shape.taps, outputs: shape.channels, inputs: shape.channels,
                    dilation: shape.dilation(ofBlock: block)),
                pointwise: try layer(taps: 1, outputs: shape.channels, inputs: shape.channels))
        }
        let projection = try layer(taps: 1, outputs: shape.embedding, inputs: shape.channels)
        guard rest.isEmpty else { throw Refusal(description: "\(weights) holds \(rest.count) numbers too many") }
        return FoldedNetwork(shape: shape, stem: stem, blocks: blocks, projection: projection)
    }

    /// Up to `lanes` windows a batch, (steps, lanes, patch); nothing reads its targets.
    private func batches(_ patches: [Float]) throws -> [PretextBatch] {
        let window = steps * shape.patch
        guard !patches.isEmpty, patches.count % window == 0 else {
            throw Refusal(description: "\(calibration): found \(patches.count) numbers, expected windows of \(window)")
        }
        let windows = patches.count / window
        return stride(from: 0, to: windows, by: Self.lanes).map { first in
            let lanes = min(Self.lanes, windows - first)
            var values: [Float] = []
            values.reserveCapacity(lanes * window)
            for step in 0..<steps {
                for lane in 0..<lanes {
                    let start = (first + lane) * window + step * shape.patch
                    values += patches[start..<start + shape.patch]
                }
            }
            let nothing = Matrix(rows: steps * lanes, columns: 0)
            return PretextBatch(
                lanes: lanes, patches: Matrix(rows: steps * lanes, columns: shape.patch, values: values),
                targets: nothing, weights: nothing, pairs: [])
        }
    }
}
