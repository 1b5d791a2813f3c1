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

    package var plan = QuantizationPlan()

    package init(name: String, version: String, dataLicence: String, provenance: [String: String]) {
        self.name = name
        self.version = version
        self.dataLicence = dataLicence
        self.provenance = provenance
    }

    /// - Parameters:
    ///   - recordings: half of what ranges are chosen on is cut from these; none: all is generated.
    ///   - progress: called before each step of fine-tuning with the steps done.
    package func build(
        _ run: PretrainingRun, recordings: [TrainingSeries] = [], using gemm: some MatrixMultiply,
        progress: (Int) throws(BundleError) -> Void = { _ in }
    ) throws(BundleError) -> (bundle: ModelBundle, report: QuantizationReport) {
        var quantizer = try quantizer(run, recordings: recordings, using: gemm)
        while !quantizer.isFinished {
            try progress(quantizer.step)
            _ = quantizer.advance(using: gemm)
        }
        return try bundle(run, quantizer.float, quantizer.network(using: gemm), using: gemm)
    }

    /// The way to int8 for a run's network: its seed, its batches, its normalisation.
    package func quantizer(
        _ run: PretrainingRun, recordings: [TrainingSeries] = [], using gemm: some MatrixMultiply
    ) throws(BundleError) -> EncoderQuantizer {
        var plan = plan
        plan.seed = run.configuration.seed
        plan.rows = run.configuration.rows
        plan.fixedLevels = run.configuration.recipe.fixedLevels
        plan.fixedScales = run.configuration.recipe.fixedScales
        return try EncoderQuantizer(FoldedNetwork(run.network), plan: plan, recordings: recordings, using: gemm)
    }

    /// A run's bundle, and how its int8 network does at the pretext task beside the float one.
    package func bundle(
        _ run: PretrainingRun, _ float: FoldedNetwork, _ network: FakeQuantizedNetwork, using gemm: some MatrixMultiply
    ) throws(BundleError) -> (bundle: ModelBundle, report: QuantizationReport) {
        let configuration = run.configuration
        let preprocessing = BundlePreprocessing(configuration.recipe)
        func bundle(_ training: [String: String]) throws(BundleError) -> ModelBundle {
            try self.bundle(network, preprocessing, training: training, seed: configuration.seed)
        }
        let report = compare(float, try bundle([:]), run, using: gemm)
        var training: [String: String] = [:]
        training["objective"] = Self.objective(configuration)
        training["seed"] = String(configuration.seed)
        training["steps"] = String(run.step)
        training["int8_relative_error"] = Self.digits(report.relativeError)
        training["effective_rank"] = Self.digits(report.int8.effectiveRank)
        for (key, row) in [("masked", report.int8.masked), ("near", report.int8.near), ("far", report.int8.far)] {
            training["held_out_\(key)_gain"] = Self.digits(row.gain)
        }
        return (try bundle(training), report)
    }

    /// - Parameter training: added to the provenance.
    package func bundle(
        _ network: FakeQuantizedNetwork, _ preprocessing: BundlePreprocessing, training: [String: String], seed: UInt64
    ) throws(BundleError) -> ModelBundle {
        var provenance = provenance.merging(training) { $1 }
        if plan.fineTuningSteps > 0 { provenance["fine_tuning_steps"] = String(plan.fineTuningSteps) }
        return try ModelBundle(
            name: name, version: version, architecture: TCNArchitecture(network.shape), preprocessing: preprocessing,
            network: NetworkQuantizer.quantize(network), training: Self.json(provenance), dataLicence: dataLicence,
            selfTestPatches: selfTestPatches(network.shape, seed: seed))
    }

    /// Float against int8 on held-out signals, lane by lane through the very engine that the agent runs.
    private func compare(
        _ folded: FoldedNetwork, _ bundle: ModelBundle, _ run: PretrainingRun, using gemm: some MatrixMultiply
    ) -> QuantizationReport {
        let configuration = run.configuration
        let evaluation = HeldOutEvaluation(
            configuration.recipe, seed: HeldOutSeed.comparison(configuration.seed), count: plan.comparisonBatches)
        let encoder = WindowEncoder(bundle: bundle, kernels: .scalar)
        var difference = EmbeddingDifference(dimensions: configuration.shape.embedding)
        let float = evaluation.report(objective: run.objective, using: gemm) {
            folded.forward($0.patches, lanes: $0.lanes, using: gemm)
        }
        let int8 = evaluation.report(objective: run.objective, using: gemm) { batch in
            let embeddings = EngineEmbedding.embed(batch, encoder)
            difference.add(folded.forward(batch.patches, lanes: batch.lanes, using: gemm), embeddings)
            return embeddings
        }
        return QuantizationReport(
            relativeError: difference.relativeError, cosine: difference.cosine, float: float, int8: int8)
    }

    /// 96 steps of a held-out signal at hop 4: long enough to reach back through most of the dilations.
    private func selfTestPatches(_ shape: NetworkShape, seed: UInt64) -> [Float] {
        var plan = plan
        plan.rows = 2048
        var recipe = plan.recipe(shape)
        recipe.lengths = [256]
        let batch = BatchMaker(recipe, seed: HeldOutSeed.selfTest(seed)).batch(0)
        return (0..<96).flatMap { step in
            let row = step * batch.lanes * shape.stemInputs
            return batch.patches.values[row..<row + shape.stemInputs]
        }
    }

    /// The tasks with their weights, and the hops.
    private static func objective(_ configuration: PretrainingConfiguration) -> String {
        let tasks = PretextTasks.names.filter { configuration.tasks[keyPath: $0.weight] > 0 }
            .map { "\($0.name) \(configuration.tasks[keyPath: $0.weight])" }
        let hops = configuration.recipe.hops.map(String.init)
        return tasks.joined(separator: ", ") + "; hops " + hops.joined(separator: ", ")
    }

    /// Keys in order, so that equal provenance gives equal bytes.
    private static func json(_ values: [String: String]) -> String {
        String(decoding: PayloadJSON.encode(values), as: UTF8.self)
    }

    private static func digits(_ value: Double) -> String { String((value * 10_000).rounded() / 10_000) }
}

extension BundlePreprocessing {
    /// What a run's crops were normalised by.
    package init(_ recipe: BatchRecipe) {
        let channels = zip(recipe.fixedLevels, recipe.fixedScales).map { ChannelScaling(center: $0, scale: $1) }
        self.init(normalisation: channels.isEmpty ? .robust : .fixed(channels), clip: 8, defaultHop: recipe.patch)
    }
}
