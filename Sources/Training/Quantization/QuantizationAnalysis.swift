package import Learning

/// Where in the network rounding loses what: int8 against float, tensor by tensor.
package struct QuantizationAnalysis: Sendable, Equatable {
    package struct Tensor: Sendable, Equatable, Encodable {
        package var name: String
        /// int8 against float here, with all that was lost on the way: norm of the difference over norm of the spread.
        package var relativeError: Double
        /// The same as signal over noise, in decibels; nil where there is no noise, or no signal.
        package var decibels: Double?
        /// The embedding's relative error when this tensor alone is rounded.
        package var alone: Double

        private enum CodingKeys: String, CodingKey {
            case name, alone
            case relativeError = "relative_error"
            case decibels = "sqnr_db"
        }
    }

    /// Activations in the order in which they flow.
    package var activations: [Tensor]
    /// The embedding's relative error when nothing but the weights is rounded.
    package var weightsAlone: Double

    /// Float is what `network` would give without rounding: its own weights, also where they were fine-tuned.
    package init(_ network: FakeQuantizedNetwork, on batches: [PretextBatch], using gemm: some MatrixMultiply) {
        let float = network.folded
        let sites = FakeQuantizedNetwork.sites(network.shape)
        var exact: [[FoldedNetwork.Site: Matrix]] = []
        for batch in batches {
            var seen: [FoldedNetwork.Site: Matrix] = [:]
            _ = float.forward(batch.patches, lanes: batch.lanes, using: gemm) { seen[$0] = $1 }
            exact.append(seen)
        }
        func differences(weights: Bool, _ isRounded: (FoldedNetwork.Site) -> Bool) -> [FoldedNetwork.Site:
            EmbeddingDifference]
        {
            var copy = network
            copy.round(weights: weights, isRounded)
            var result: [FoldedNetwork.Site: EmbeddingDifference] = [:]
            for (batch, exact) in zip(batches, exact) {
                _ = copy.forward(batch.patches, lanes: batch.lanes, .inference, using: gemm) { site, values in
                    result[site, default: EmbeddingDifference(dimensions: values.columns)].add(exact[site]!, values)
                }
            }
            return result
        }
        let all = differences(weights: true) { _ in true }
        activations = sites.map { site in
            Tensor(
                name: site.name, relativeError: all[site]!.relativeError, decibels: all[site]!.signalToNoise,
                alone: differences(weights: false) { $0 == site }[.embedding]!.relativeError)
        }
        weightsAlone = differences(weights: true) { _ in false }[.embedding]!.relativeError
    }
}

extension FoldedNetwork.Site {
    /// As a bundle's metadata calls it.
    var name: String {
        switch self {
        case .input: "input"
        case .stem: "stem"
        case .hidden(let block): "blocks.\(block).conv"
        case .branch(let block): "blocks.\(block).pointwise"
        case .block(let block): "blocks.\(block).output"
        case .embedding: "embedding"
        }
    }
}
