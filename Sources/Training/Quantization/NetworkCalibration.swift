package import Learning

/// What a float network's activations look like on calibration batches: ranges for int8 and channel means.
package struct NetworkCalibration: Sendable {
    private var ranges: [FoldedNetwork.Site: RangeCalibrator] = [:]
    private var sums: [FoldedNetwork.Site: [Float]] = [:]
    private var rows = 0

    package init(_ network: FoldedNetwork, on batches: [PretextBatch], using gemm: some MatrixMultiply) {
        for batch in batches {
            rows += batch.patches.rows
            _ = network.forward(batch.patches, lanes: batch.lanes, using: gemm) { site, values in
                ranges[site, default: RangeCalibrator()].observe(values.values)
                FloatKernels.addColumnSums(
                    of: values, to: &sums[site, default: Array(repeating: 0, count: values.columns)])
            }
        }
    }

    /// The range with the least mean square error.
    func range(_ site: FoldedNetwork.Site) -> ActivationRange {
        let isSymmetric = site == .input
        return ranges[site]!.leastSquaresRange(symmetric: isSymmetric)
    }

    /// The mean of each channel.
    func means(_ site: FoldedNetwork.Site) -> [Float] { sums[site]!.map { $0 / Float(rows) } }
}
