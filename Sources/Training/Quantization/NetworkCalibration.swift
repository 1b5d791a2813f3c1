package import Learning

/// What a float network's activations look like on calibration batches: ranges for int8 and channel means.
package struct NetworkCalibration: Sendable {
    package let method: RangeMethod
    private var calibrators: [FoldedNetwork.Site: RangeCalibrator] = [:]
    private var sums: [FoldedNetwork.Site: [Float]] = [:]
    private var rows = 0

    package init(
        _ network: FoldedNetwork, on batches: [PretextBatch], method: RangeMethod = .leastSquares,
        using gemm: some MatrixMultiply
    ) {
        self.method = method
        for batch in batches {
            rows += batch.patches.rows
            _ = network.forward(batch.patches, lanes: batch.lanes, using: gemm) { site, values in
                calibrators[site, default: RangeCalibrator()].observe(values.values)
                FloatKernels.addColumnSums(
                    of: values, to: &sums[site, default: Array(repeating: 0, count: values.columns)])
            }
        }
    }

    /// Normalised input has no preferred sign, and zero means "as usual": there it is in the middle.
    package func range(_ site: FoldedNetwork.Site) -> ActivationRange {
        calibrators[site]!.range(method, symmetric: site == .input)
    }

    /// The mean of each channel.
    package func means(_ site: FoldedNetwork.Site) -> [Float] { sums[site]!.map { $0 / Float(rows) } }
}
