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
    private let fingerprint: UInt64
    private var stopping: EarlyStopping
    /// The weights of the best look so far.
    private var best: [[Float]]?

    package var network: TemporalConvolutionalNetwork { trained.network }
    package var objective: PretextObjective { trained.objective }
    /// Steps done.
    package var step: Int { optimizer.step }
    package var isFinished: Bool { step >= configuration.steps || stopping.hasStopped }
    /// The step whose look at held-out data was best; nil before the first look.
    package var bestStep: Int? { stopping.best?.step }
    package var stoppedEarly: Bool { stopping.hasStopped && step < configuration.steps }
    /// Whether what is held out is due to be looked at.
    package var isWatchDue: Bool { step > 0 && (step % configuration.watchInterval == 0 || isFinished) }

    private static let format: UInt32 = 0x5452_4E02

    package init(_ configuration: PretrainingConfiguration, data: TrainingData = .none) {
        self.configuration = configuration
        var random = SeededRandom(seed: configuration.seed)
        let network = TemporalConvolutionalNetwork(configuration.shape, random: &random)
        let objective = PretextObjective(
            targets: configuration.targets, tasks: configuration.tasks, inputs: configuration.shape.inputs,
            embedding: configuration.shape.embedding, classes: configuration.classes,
            families: SignalFamily.allCases.count, random: &random)
        trained = Trained(network: network, objective: objective)
        optimizer = AdamW(weightDecay: configuration.weightDecay)
        batches = BatchMaker(configuration.recipe, seed: random.next(), recordings: data.training)
        fingerprint = data.fingerprint
        stopping = EarlyStopping(patience: configuration.patience)
    }

    /// One forward and backward pass and one update.
    package mutating func advance(using gemm: some MatrixMultiply) -> StepReport {
        advance(on: batches.batch(step), using: gemm)
    }

    /// The batch of a step; any thread may make it beforehand.
    package func batch(_ step: Int) -> PretextBatch { batches.batch(step) }

    /// One forward and backward pass and one update, on the batch of this step.
    package mutating func advance(on batch: PretextBatch, using gemm: some MatrixMultiply) -> StepReport {
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

    /// Takes a look at held-out data into account: the best weights are kept, and the run ends when it has not become
    /// better for long. `value` is smaller when better.
    package mutating func observe(_ value: Double) {
        if stopping.observe(value, step: step) { best = configuration.patience > 0 ? weights() : nil }
    }

    /// Goes back to the weights of the best look, once all is done.
    package mutating func takeBest() {
        guard let best, bestStep != step else { return }
        var index = 0
        forEachWeight { values in
            values = best[index]
            index += 1
        }
    }

    private mutating func weights() -> [[Float]] {
        var all: [[Float]] = []
        forEachWeight { all.append($0) }
        return all
    }

    /// Everything that a pass in inference mode depends on.
    private mutating func forEachWeight(_ body: (inout [Float]) -> Void) {
        trained.forEachParameter { body(&$0.value) }
        trained.network.forEachNormalization {
            body(&$0.runningMean)
            body(&$0.runningVariance)
        }
    }

    /// All that is needed to go on: bytes with a checksum.
    package mutating func snapshot() -> [UInt8] {
        var writer = SnapshotWriter(format: Self.format)
        configuration.write(to: &writer)
        writer.write(fingerprint)
        optimizer.save(to: &writer)
        trained.objective.saveQueue(to: &writer)
        stopping.save(to: &writer)
        forEachWeight { writer.write($0) }
        writer.write(best != nil)
        best?.forEach { writer.write($0) }
        return writer.finish()
    }

    /// Goes on from a snapshot, under the configuration in it; other recordings than it began with are refused.
    /// - Parameter readsOnly: the network is wanted and not the rest of the run: recordings do not matter.
    package init(
        snapshot: [UInt8], data: TrainingData = .none, readsOnly: Bool = false
    ) throws(SnapshotError) {
        var reader = try SnapshotReader(snapshot, format: Self.format)
        let configuration = try PretrainingConfiguration(from: &reader)
        let found = try reader.read(UInt64.self)
        guard readsOnly || found == data.fingerprint else {
            throw .impossible("it was made with other recordings than those given now")
        }
        self.init(configuration, data: data)
        try optimizer.restore(from: &reader)
        try trained.objective.restoreQueue(from: &reader)
        try stopping.restore(from: &reader)
        try restoreWeights(from: &reader)
        if try reader.readBool() {
            let current = weights()
            try restoreWeights(from: &reader)
            best = weights()
            var index = 0
            forEachWeight { values in
                values = current[index]
                index += 1
            }
        }
        try reader.finish()
    }

    private mutating func restoreWeights(from reader: inout SnapshotReader) throws(SnapshotError) {
        var failure: SnapshotError?
        forEachWeight { values in
            guard failure == nil else { return }
            do throws(SnapshotError) {
                values = try reader.readFloats(count: values.count)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
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
