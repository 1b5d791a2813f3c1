import Agent
package import Inference
package import Preprocessing
import SedgeCore

/// What a forecast is made from.
package enum Forecaster: Sendable {
    /// A linear head on the newest embedding of the agent's encoder, causal, int8, hop 1, beside the newest normalised
    /// value.
    case embedding(PackedNetwork, Normalizer)
    /// A linear model on so many raw samples.
    case lags(Int)
    /// The newest value.
    case persistence
    /// The value of a season before.
    case seasonal

    package static func embedding(bundle: ModelBundle, kernels: KernelSet) throws -> Self {
        guard bundle.architecture.inputChannels == 1 else {
            throw EvaluationError(
                place: bundle.name,
                message: "found an encoder of \(bundle.architecture.inputChannels) channels, expected one of single "
                    + "channels")
        }
        let settings = try OfflinePipeline.preprocessing(
            of: AgentSettings().configuration(channels: 1).streams[0], for: bundle)
        return .embedding(
            PackedNetwork(bundle: bundle, kernels: kernels),
            settings.normalization.makeNormalizers(channels: 1, holdLimit: settings.maxGap)[0])
    }

    var isLearned: Bool {
        switch self {
        case .embedding, .lags: true
        case .persistence, .seasonal: false
        }
    }

    /// What a linear model sees in each row; nil for those that learn nothing. Rows before `start` are not used.
    func features(_ values: [Double]) -> [[Double]]? {
        switch self {
        case .embedding(let network, let normalizer):
            let stream = WindowStream(network, normalizer, channels: 1, embedded: 1)
            let (patch, width) = (network.architecture.patch, network.architecture.embedding)
            return values.map { value in
                let seen = stream.features(reading: [[value]], window: patch)
                // Embedding, then level and scale.
                return Array(seen[..<width]) + [(value - seen[width]) / max(1e-9, seen[width + 1])]
            }
        case .lags(let count):
            return values.indices.map { row in
                (0..<count).map { values[max(0, row - $0)] - values[max(0, row - count)] }
            }
        case .persistence, .seasonal: return nil
        }
    }

    /// The first row from which there is enough of a past.
    func start(season: Int) -> Int {
        switch self {
        case .embedding: 2 * season
        case .lags(let count): count
        case .persistence: 0
        case .seasonal: season
        }
    }
}
