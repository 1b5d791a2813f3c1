package import Inference
package import Learning
import SedgeCore

/// The way of a float encoder to int8, the same for `sedge quantize` and the end of `sedge train`: calibrate, correct
/// biases, fine-tune a step at a time, and compare with float.
package struct EncoderQuantizer: Sendable {
    package let float: FoldedNetwork
    private let plan: QuantizationPlan
    private let recordings: [TrainingSeries]
    private var tuning: FineTuning
    private let tuningBatches: BatchMaker
    private let calibrated: FakeQuantizedNetwork
    private let calibrationBatches: [PretextBatch]

    /// - Parameter recordings: half of all series are cut from these; none: all are generated.
    package init(
        _ float: FoldedNetwork, plan: QuantizationPlan, recordings: [TrainingSeries] = [],
        using gemm: some MatrixMultiply
    ) throws(BundleError) {
        self.float = float
        self.plan = plan
        self.recordings = recordings
        func maker(_ seed: UInt64) -> BatchMaker {
            BatchMaker(plan.recipe(float.shape), seed: seed, recordings: recordings)
        }
        let calibration = maker(HeldOutSeed.calibration(plan.seed))
        calibrationBatches = (0..<plan.calibrationBatches).map { calibration.batch($0) }
        var ranges = try NetworkCalibration(
            float, on: calibrationBatches, method: plan.method ?? .leastSquares, using: gemm)
        if plan.method == nil { ranges.search(float, on: calibrationBatches, using: gemm) }
        calibrated = NetworkQuantizer.calibrated(float, ranges)
        tuning = FineTuning(calibrated, teacher: float, steps: plan.fineTuningSteps)
        tuningBatches = maker(plan.seed ^ 0x5EED_0000_0000_0005)
    }

    /// Steps of fine-tuning done.
    package var step: Int { tuning.step }
    package var isFinished: Bool { tuning.isFinished }

    /// One step of fine-tuning. Returns the embeddings' relative error on its batch.
    package mutating func advance(using gemm: some MatrixMultiply) -> Double {
        tuning.advance(on: tuningBatches.batch(tuning.step), using: gemm)
    }

    /// The rounded network: the fine-tuned one, or the calibrated one where that is nearer to float on the batches that
    /// ranges were chosen on, as it can be after a few steps.
    package func network(using gemm: some MatrixMultiply) -> FakeQuantizedNetwork {
        guard tuning.step > 0 else { return calibrated }
        let tuned = tuning.network
        return error(of: tuned, using: gemm) < error(of: calibrated, using: gemm) ? tuned : calibrated
    }

    private func error(of network: FakeQuantizedNetwork, using gemm: some MatrixMultiply) -> Double {
        var network = network
        var difference = EmbeddingDifference(dimensions: float.shape.embedding)
        for batch in calibrationBatches {
            difference.add(
                float.forward(batch.patches, lanes: batch.lanes, using: gemm),
                network.forward(batch.patches, lanes: batch.lanes, .inference, using: gemm))
        }
        return difference.relativeError
    }

    /// The bundle's int8 embeddings against the float encoder's, on signals that nothing above has seen.
    /// - Parameter network: what the bundle was made from.
    package func compare(
        _ bundle: ModelBundle, _ network: FakeQuantizedNetwork, using gemm: some MatrixMultiply
    ) -> QuantizationComparison {
        let maker = BatchMaker(
            plan.recipe(float.shape), seed: HeldOutSeed.comparison(plan.seed), recordings: recordings)
        let batches = (0..<plan.comparisonBatches).map { maker.batch($0) }
        // All kernels give the same bytes; a choice in the environment that can not be had is the agent's to report.
        let encoder = WindowEncoder(bundle: bundle, kernels: (try? .select(nil)) ?? .scalar)
        func exact(_ batch: PretextBatch) -> Matrix {
            float.forward(batch.patches, lanes: batch.lanes, using: gemm)
        }
        func int8(_ batch: PretextBatch) -> Matrix { EngineEmbedding.embed(batch, encoder) }
        var difference = EmbeddingDifference(dimensions: float.shape.embedding)
        for batch in batches { difference.add(exact(batch), int8(batch)) }
        let probe = GeneratedProbe(
            float.shape, seed: plan.seed ^ 0x5EED_0000_0000_0006, seriesPerFamily: plan.probeSeries)
        // One that learned from int8 would make up for any distortion that keeps the families apart.
        let reader = probe.reader(using: gemm, embed: exact)
        return QuantizationComparison(
            relativeError: difference.relativeError, cosine: difference.cosine,
            analysis: QuantizationAnalysis(network, on: batches, using: gemm),
            probe: ProbeComparison(
                float: probe.rightAnswers(reader, using: gemm, embed: exact),
                int8: probe.rightAnswers(reader, using: gemm, embed: int8)))
    }
}
