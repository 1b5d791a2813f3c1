import Inference
import Learning
import SedgeCore
import Training

/// What `sedge quantize` begins with: a training run, whose heads show what int8 does to the pretext task, or a bare
/// float encoder.
enum FloatSource {
    case run(PretrainingRun)
    case encoder(FloatEncoder, FoldedNetwork)

    /// The file says which: a checkpoint begins with its format's number, a safetensors file with a header's length.
    static func read(_ path: String) throws -> Self {
        let bytes = try FileBytes.contents(of: path, limit: 1 << 30)
        if let run = try? PretrainingRun(snapshot: bytes, readsOnly: true) {
            var run = run
            run.takeBest()
            return .run(run)
        }
        do {
            let encoder = try FloatEncoder(bytes: bytes)
            return .encoder(encoder, try FoldedNetwork(encoder))
        } catch {
            throw Failure(
                .data, "\(path) is neither a checkpoint of this version's sedge train nor a float encoder: \(error)")
        }
    }

    /// Channels that one lane reads.
    var inputs: Int {
        switch self {
        case .run(let run): run.configuration.shape.inputs
        case .encoder(_, let network): network.shape.inputs
        }
    }

    func encoder() throws -> FloatEncoder {
        switch self {
        case .run(let run):
            try FloatEncoder(
                FoldedNetwork(run.network), preprocessing: BundlePreprocessing(run.configuration.recipe))
        case .encoder(let encoder, _): encoder
        }
    }

    func quantizer(
        _ builder: BundleBuilder, recordings: [TrainingSeries], using gemm: BLASMatrixMultiply
    ) throws(BundleError) -> EncoderQuantizer {
        switch self {
        case .run(let run): return try builder.quantizer(run, recordings: recordings, using: gemm)
        case .encoder(_, let network):
            var plan = builder.plan
            if case .fixed(let channels) = preprocessing.normalisation {
                plan.fixedLevels = channels.map(\.center)
                plan.fixedScales = channels.map(\.scale)
            }
            return try EncoderQuantizer(network, plan: plan, recordings: recordings, using: gemm)
        }
    }

    func bundle(
        _ builder: BundleBuilder, _ float: FoldedNetwork, _ network: FakeQuantizedNetwork,
        using gemm: BLASMatrixMultiply
    ) throws(BundleError) -> (ModelBundle, QuantizationReport?) {
        switch self {
        case .run(let run):
            let (bundle, report) = try builder.bundle(run, float, network, using: gemm)
            return (bundle, report)
        case .encoder:
            return (try builder.bundle(network, preprocessing, training: [:], seed: builder.plan.seed), nil)
        }
    }

    private var preprocessing: BundlePreprocessing {
        switch self {
        case .run(let run): BundlePreprocessing(run.configuration.recipe)
        case .encoder(let encoder, let network):
            encoder.preprocessing
                ?? BundlePreprocessing(normalisation: .robust, clip: 8, defaultHop: network.shape.patch)
        }
    }
}
