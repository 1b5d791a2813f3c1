package import Learning
package import SedgeCore

/// A pretraining run: network, objective and optimiser, one `step` at a time. Decides all, writes nothing.
///
/// Batches depend on seed and step number alone, so a run that is restored from a snapshot goes on as if unbroken.
package struct PretrainingRun: Sendable {
    package let configuration: PretrainingConfiguration
    private var trained: Trained
    private var optimizer: AdamW
    private let batches: BatchMaker

    package var network: TemporalConvolutionalNetwork { trained.network }
    package var objective: PretextObjective { trained.objective }
    /// Steps done.
    package var step: Int { optimizer.step }
    package var isFinished: Bool { step >= configuration.steps }

    private static let format: UInt32 = 0x5452_4E01

    package init(_ configuration: PretrainingConfiguration, recordings: [TrainingSeries] = []) {
        self.configuration = configuration
        var random = SeededRandom(seed: configuration.seed)
        let network = TemporalConvolutionalNetwork(configuration.shape, random: &random)
        let objective = PretextObjective(
            targets: configuration.targets, embedding: configuration.shape.embedding, random: &random)
        trained = Trained(network: network, objective: objective)
        optimizer = AdamW(weightDecay: configuration.weightDecay)
        batches = BatchMaker(
            patch: configuration.shape.patch, targets: configuration.targets, rows: configuration.rows,
            seed: random.next(), recordings: recordings)
    }

    /// One forward and backward pass and one update.
    package mutating func advance(using gemm: some MatrixMultiply) -> StepReport {
        let batch = batches.batch(step)
        trained.clearGradients()
        let embeddings = trained.network.forward(batch.patches, lanes: batch.lanes, .training, using: gemm)
        let (loss, gradient) = trained.objective.evaluate(embeddings, batch, using: gemm)
        trained.network.backward(gradient, using: gemm)
        let rate = configuration.schedule.rate(at: step)
        let norm = trained.clipGradients(to: configuration.gradientLimit)
        optimizer.update(&trained, rate: rate)
        return StepReport(step: step, loss: loss, rate: rate, gradientNorm: norm)
    }

    package struct StepReport: Sendable, Equatable {
        /// From 1.
        package var step: Int
        package var loss: PretextLoss
        package var rate: Float
        package var gradientNorm: Float
    }

    /// All that is needed to go on: bytes with a checksum.
    package mutating func snapshot() -> [UInt8] {
        var writer = SnapshotWriter(format: Self.format)
        configuration.write(to: &writer)
        optimizer.save(to: &writer)
        trained.forEachParameter { writer.write($0.value) }
        trained.network.forEachNormalization {
            writer.write($0.runningMean)
            writer.write($0.runningVariance)
        }
        return writer.finish()
    }

    /// Goes on from a snapshot, under the configuration in it; recordings must be the same again.
    package init(snapshot: [UInt8], recordings: [TrainingSeries] = []) throws(SnapshotError) {
        var reader = try SnapshotReader(snapshot, format: Self.format)
        self.init(try PretrainingConfiguration(from: &reader), recordings: recordings)
        try optimizer.restore(from: &reader)
        var failure: SnapshotError?
        func restore(_ values: inout [Float]) {
            guard failure == nil else { return }
            do {
                values = try reader.readFloats(count: values.count)
            } catch {
                failure = error
            }
        }
        trained.forEachParameter { restore(&$0.value) }
        trained.network.forEachNormalization {
            restore(&$0.runningMean)
            restore(&$0.runningVariance)
        }
        if let failure { throw failure }
        try reader.finish()
    }
}

/// Encoder and heads as the one group that the optimiser sees.
private struct Trained: ParameterGroup {
    var network: TemporalConvolutionalNetwork
    var objective: PretextObjective

    mutating func forEachParameter(_ body: (inout Parameter) -> Void) {
        network.forEachParameter(body)
        objective.forEachParameter(body)
    }
}
