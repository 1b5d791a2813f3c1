import Evaluation
import Inference
import Learning
import SedgeCore
import Training

/// The float32 network that a bundle was quantized from.
struct FloatEmbedder: WindowEmbedder {
    /// How far its weights are from the bundle's: norm of the difference over norm. 0: they are the bundle's own.
    let weightDifference: Double
    private let network: FoldedNetwork
    private let gemm = BLASMatrixMultiply(threads: 1)

    /// - Parameter path: a training run's checkpoint, or a float encoder (`sedge quantize --float-out`).
    /// - Throws: a `Failure` where it is neither, has another shape than the bundle, or clearly is another network.
    init(_ path: String, bundle: ModelBundle) throws {
        let encoder = try FloatSource.read(path).encoder()
        guard encoder.architecture == bundle.architecture else {
            throw Failure(.data, "\(path) has another architecture than \(bundle.fingerprint)")
        }
        weightDifference = Self.difference(encoder.layers, bundle.network)
        guard weightDifference < Self.largestDifference else {
            throw Failure(
                .data,
                "\(path) is not what \(bundle.fingerprint) was quantized from: found weights that differ by "
                    + "\(FixedText.text(100 * weightDifference, decimals: 0)) %, expected those that were rounded")
        }
        do {
            network = try FoldedNetwork(encoder)
        } catch {
            throw Failure(.data, "\(path) can not be evaluated: \(error)")
        }
    }

    /// Rounding changes a hundredth, fine-tuning and gains more; weights of another run have nothing in common.
    private static let largestDifference = 0.7

    private static func difference(_ layers: [FloatEncoder.Layer], _ network: QuantizedTCN) -> Double {
        let rounded = [network.stem] + network.blocks.flatMap { [$0.conv, $0.pointwise] } + [network.projection]
        var (apart, size) = (0.0, 0.0)
        for (layer, rounded) in zip(layers, rounded) {
            let each = rounded.inputs * rounded.taps
            for (index, weight) in layer.weight.enumerated() {
                let other = Float(rounded.weight[index]) * rounded.weightScale[index / each]
                apart += Double(weight - other) * Double(weight - other)
                size += Double(weight) * Double(weight)
            }
        }
        return size > 0 ? (apart / size).squareRoot() : 0
    }

    /// Which of the two roundings the loss holds.
    var note: String {
        weightDifference < 1e-5
            ? "Float weights are the bundle's own, rounded as they are: the loss is that of int8 activations alone."
            : "Float weights are those before rounding (\(FixedText.text(100 * weightDifference, decimals: 1)) % apart): the loss is that of "
                + "int8 weights and activations."
    }

    var patch: Int { network.shape.patch }
    var embedding: Int { network.shape.embedding }

    func embed(patches: [Float], lanes: Int) -> [Float] {
        let rows = patches.count / patch
        return network.forward(Matrix(rows: rows, columns: patch, values: patches), lanes: lanes, using: gemm).values
    }
}
