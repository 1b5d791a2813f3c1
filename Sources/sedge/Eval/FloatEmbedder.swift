import Evaluation
import Inference
import Learning
import SedgeCore
import Training

/// The float32 network that a bundle was quantized from.
struct FloatEmbedder: WindowEmbedder {
    private let network: FoldedNetwork
    private let gemm = BLASMatrixMultiply(threads: 1)

    /// - Parameter path: a training run's checkpoint, or a float encoder (`sedge quantize --float-out`).
    /// - Throws: a `Failure` where it is neither, or has another shape than the bundle.
    init(_ path: String, bundle: ModelBundle) throws {
        let encoder = try FloatSource.read(path).encoder()
        guard encoder.architecture == bundle.architecture else {
            throw Failure(.data, "\(path) has another architecture than \(bundle.fingerprint)")
        }
        do {
            network = try FoldedNetwork(encoder)
        } catch {
            throw Failure(.data, "\(path) can not be evaluated: \(error)")
        }
    }

    var patch: Int { network.shape.patch }
    var embedding: Int { network.shape.embedding }

    func embed(patches: [Float], lanes: Int) -> [Float] {
        let rows = patches.count / patch
        return network.forward(Matrix(rows: rows, columns: patch, values: patches), lanes: lanes, using: gemm).values
    }
}
