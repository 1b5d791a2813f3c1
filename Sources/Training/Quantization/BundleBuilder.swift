package import Inference
package import Learning
import SedgeCore

/// Turns a finished run into a bundle: fold, calibrate, quantize, compare, add a self-test and where it came from.
package struct BundleBuilder: Sendable {
    package var name: String
    package var version: String
    package var dataLicence: String
    /// What the bundle says about its training; figures of the comparison are added. Values that are not numbers.
    package var provenance: [String: String]

    /// Batches that ranges are chosen on, and others that the result is compared on; neither is seen in training.
    package var calibrationBatches = 8
    package var comparisonBatches = 4

    package init(name: String, version: String, dataLicence: String, provenance: [String: String]) {
        self.name = name
        self.version = version
        self.dataLicence = dataLicence
        self.provenance = provenance
    }

    package func build(
        _ run: PretrainingRun, using gemm: some MatrixMultiply
    ) throws(BundleError) -> (bundle: ModelBundle, report: QuantizationReport) {
        let configuration = run.configuration
        let shape = configuration.shape
        let folded = FoldedNetwork(run.network)
        let calibration = BatchMaker(
            patch: shape.patch, targets: configuration.targets, rows: configuration.rows,
            seed: HeldOutSeed.calibration(configuration.seed))
        let network = NetworkQuantizer.quantize(
            folded,
            NetworkCalibration(folded, on: (0..<calibrationBatches).map { calibration.batch($0) }, using: gemm))
        let architecture = TCNArchitecture(
            mode: .independent, inputChannels: 1, patch: shape.patch, channels: shape.channels,
            blocks: shape.blocks, kernel: shape.taps, embedding: shape.embedding)
        let patches = selfTestPatches(shape, seed: configuration.seed)
        func bundle(_ training: [String: String]) throws(BundleError) -> ModelBundle {
            try ModelBundle(
                name: name, version: version, architecture: architecture,
                preprocessing: BundlePreprocessing(normalisation: .robust, clip: 8, defaultHop: shape.patch),
                network: network, training: Self.json(training), dataLicence: dataLicence, selfTestPatches: patches)
        }
        let report = compare(folded, try bundle([:]), run, using: gemm)
        var training = provenance
        training["objective"] =
            "masked reconstruction, multi-horizon forecast (Huber), VICReg on overlapping crops; hops 1, 2, 4, 8"
        training["seed"] = String(configuration.seed)
        training["steps"] = String(run.step)
        training["int8_relative_error"] = Self.digits(report.relativeError)
        training["effective_rank"] = Self.digits(report.int8.effectiveRank)
        for (key, row) in [("masked", report.int8.masked), ("near", report.int8.near), ("far", report.int8.far)] {
            training["held_out_\(key)_gain"] = Self.digits(row.gain)
        }
        return (try bundle(training), report)
    }

    /// Float against int8 on held-out signals, lane by lane through the very engine that the agent runs.
    private func compare(
        _ folded: FoldedNetwork, _ bundle: ModelBundle, _ run: PretrainingRun, using gemm: some MatrixMultiply
    ) -> QuantizationReport {
        let configuration = run.configuration
        let evaluation = HeldOutEvaluation(
            patch: configuration.shape.patch, targets: configuration.targets,
            seed: HeldOutSeed.comparison(configuration.seed), count: comparisonBatches, rows: configuration.rows)
        let encoder = WindowEncoder(bundle: bundle, kernels: .scalar)
        var difference = EmbeddingDifference(dimensions: configuration.shape.embedding)
        let float = evaluation.report(objective: run.objective, using: gemm) {
            folded.forward($0.patches, lanes: $0.lanes, using: gemm)
        }
        let int8 = evaluation.report(objective: run.objective, using: gemm) { batch in
            let embeddings = Self.embed(batch, encoder)
            difference.add(folded.forward(batch.patches, lanes: batch.lanes, using: gemm), embeddings)
            return embeddings
        }
        return QuantizationReport(
            relativeError: difference.relativeError, cosine: difference.cosine, float: float, int8: int8)
    }

    private static func embed(_ batch: PretextBatch, _ encoder: WindowEncoder) -> Matrix {
        let (lanes, width) = (batch.lanes, batch.patches.columns)
        let steps = batch.patches.rows / lanes
        let dimensions = encoder.architecture.embedding
        var result = Matrix(rows: batch.patches.rows, columns: dimensions)
        var window = [Float](repeating: 0, count: steps * width)
        for lane in 0..<lanes {
            for step in 0..<steps {
                let row = (step * lanes + lane) * width
                window.replaceSubrange(
                    step * width..<(step + 1) * width, with: batch.patches.values[row..<row + width])
            }
            let embeddings = encoder.embed(window: window.span)
            for step in 0..<steps {
                let row = (step * lanes + lane) * dimensions
                result.values.replaceSubrange(
                    row..<row + dimensions, with: embeddings[step * dimensions..<(step + 1) * dimensions])
            }
        }
        return result
    }

    /// 96 steps of a held-out signal at hop 4: long enough to reach back through most of the dilations.
    private func selfTestPatches(_ shape: NetworkShape, seed: UInt64) -> [Float] {
        let maker = BatchMaker(
            patch: shape.patch, targets: PretextTargets(), rows: 2048, seed: HeldOutSeed.selfTest(seed))
        let batch = maker.batch(0)
        return (0..<96).flatMap { step in
            let row = step * batch.lanes * shape.patch
            return batch.patches.values[row..<row + shape.patch]
        }
    }

    /// Keys in order, so that equal provenance gives equal bytes.
    private static func json(_ values: [String: String]) -> String {
        String(decoding: PayloadJSON.encode(values), as: UTF8.self)
    }

    private static func digits(_ value: Double) -> String { String((value * 10_000).rounded() / 10_000) }
}
