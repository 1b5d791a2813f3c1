package import Inference
package import Learning

/// What a float network's activations look like on calibration batches: ranges for int8 and channel means.
package struct NetworkCalibration: Sendable {
    /// How ranges are chosen, by kind of tensor.
    package private(set) var methods: [TensorKind: RangeMethod]
    private var calibrators: [FoldedNetwork.Site: RangeCalibrator] = [:]
    private var sums: [FoldedNetwork.Site: [Float]] = [:]
    private var rows = 0

    /// Far above what a network of use gives; sums of larger values would leave float32.
    private static let largest: Float = 1e30

    package init(
        _ network: FoldedNetwork, on batches: [PretextBatch], method: RangeMethod = .leastSquares,
        using gemm: some MatrixMultiply
    ) throws(BundleError) {
        methods = Dictionary(uniqueKeysWithValues: TensorKind.allCases.map { ($0, method) })
        for batch in batches {
            rows += batch.patches.rows
            var failed: FoldedNetwork.Site?
            _ = network.forward(batch.patches, lanes: batch.lanes, using: gemm) { site, values in
                guard values.values.allSatisfy({ $0.magnitude <= Self.largest }) else {
                    failed = failed ?? site
                    return
                }
                calibrators[site, default: RangeCalibrator()].observe(values.values)
                FloatKernels.addColumnSums(
                    of: values, to: &sums[site, default: Array(repeating: 0, count: values.columns)])
            }
            if let failed {
                throw BundleError(
                    .tensor(failed.name), found: "a value that is not finite or above \(Self.largest)",
                    expected: "smaller numbers on calibration data")
            }
        }
    }

    /// Normalised input has no preferred sign, and zero means "as usual": there it is in the middle.
    package func range(_ site: FoldedNetwork.Site) -> ActivationRange {
        calibrators[site]!.range(methods[TensorKind(site)]!, symmetric: site == .input)
    }

    /// The mean of each channel.
    package func means(_ site: FoldedNetwork.Site) -> [Float] { sums[site]!.map { $0 / Float(rows) } }

    /// Tries `candidates` for one kind of tensor after the other and keeps what brings the embeddings, with everything
    /// rounded, nearest to float.
    ///
    /// A tensor's own least square error is not the embedding's: large values are rare and matter less further on.
    package mutating func search(
        _ network: FoldedNetwork, on batches: [PretextBatch], candidates: [RangeMethod] = Self.candidates,
        using gemm: some MatrixMultiply
    ) {
        let exact = batches.map { network.forward($0.patches, lanes: $0.lanes, using: gemm) }
        func error(_ calibration: Self) -> Double {
            var rounded = NetworkQuantizer.calibrated(network, calibration)
            var difference = EmbeddingDifference(dimensions: network.shape.embedding)
            for (batch, exact) in zip(batches, exact) {
                difference.add(exact, rounded.forward(batch.patches, lanes: batch.lanes, .inference, using: gemm))
            }
            return difference.relativeError
        }
        var least = error(self)
        for kind in TensorKind.allCases {
            for method in candidates where method != methods[kind] {
                var changed = self
                changed.methods[kind] = method
                let value = error(changed)
                if value < least { (self, least) = (changed, value) }
            }
        }
    }

    package static let candidates: [RangeMethod] = [
        .leastSquares, .percentile(excess: 1e-5), .percentile(excess: 5e-5), .percentile(excess: 1e-4),
        .percentile(excess: 2e-4),
    ]
}

/// Tensors that are alike: one way to choose ranges fits all of a kind.
package enum TensorKind: CaseIterable, Sendable {
    case stream, branch, hidden, input, embedding

    init(_ site: FoldedNetwork.Site) {
        switch site {
        case .input: self = .input
        case .stem, .block: self = .stream
        case .hidden: self = .hidden
        case .branch: self = .branch
        case .embedding: self = .embedding
        }
    }
}
