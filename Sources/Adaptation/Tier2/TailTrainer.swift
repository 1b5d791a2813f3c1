package import Inference
import Learning
import SedgeCore

/// One round of tier 2: trains a tail on replay and judges it, in slices of some milliseconds.
///
/// First the present tail is read (`TailReading`) with fresh heads; then a copy is trained, from these heads on, by the
/// same objective as the encoder once was, forecast, reconstruction and VICReg between neighbours in time, with a
/// supervised term where there are labels; then it is made int8 and read in the same way, on segments that neither its
/// training nor its heads saw.
/// Pure: the same segments and seed give the same tail, whoever pays for the time.
package struct TailTrainer {
    /// What came of it.
    package struct Outcome: Sendable {
        /// Nil: refused.
        package var tail: QuantizedTail?
        package var decision: AdaptationDecision
    }

    private enum Phase {
        case reading(batch: Int)
        case judging(batch: Int)
        case training(step: Int)
        case readingCandidate(batch: Int)
        case judgingCandidate(batch: Int)
    }

    private let settings: Tier2Settings
    private let architecture: TCNArchitecture
    private let unit: Float
    private let kernels: KernelSet
    private let start: QuantizedTail
    private let segments: [ReplaySegment]
    private let classes: [Int32]  // (segments)
    private let classCount: Int
    private let training: [Int]
    private let heldOut: [Int]
    private var phase = Phase.reading(batch: 0)
    private var random: SeededRandom
    private let seed: UInt64
    private let encoder: TailEncoder
    private var network: TailNetwork
    private var objective: PretextObjective
    private let bound: ParameterBound
    private var optimizer = AdamW(weightDecay: 0)
    private let schedule: LearningRateSchedule
    private var before: TailReading
    private var after: TailReading?
    private var candidate: QuantizedTail?
    private var figures = AdaptationFigures()

    private static let gemm = PlainMatrixMultiply()
    /// Steps between two rows that should resemble each other.
    private static let lags = 1...12
    /// How much they should.
    private static let invariance: Float = 0.5
    private static let gradientLimit: Float = 1

    /// - Parameters:
    ///   - start: what is in use now; nil: the bundle's own.
    ///   - segments: all of one length.
    ///   - classes: of each segment, 0, 1, … or nil where it has no label; empty: none has one.
    package init(
        bundle: ModelBundle, start: QuantizedTail? = nil, segments: [ReplaySegment], classes: [Int?] = [],
        settings: Tier2Settings, seed: UInt64, kernels: KernelSet
    ) {
        precondition(segments.count >= 2 * settings.heldOutStride, "found \(segments.count) segments")
        self.settings = settings
        self.seed = seed
        self.kernels = kernels
        architecture = bundle.architecture
        unit = Float(bundle.preprocessing.clip) / 127
        let base = bundle.network.tail
        self.start = start ?? base
        self.segments = segments
        let known = Set(classes.compactMap { $0 })
        let labelled = classes.count { $0 != nil } * (segments[0].samples.count / bundle.architecture.patch)
        let isSupervised = known.count >= 2 && labelled >= settings.leastLabelled
        classCount = isSupervised ? known.max()! + 1 : 0
        self.classes = segments.indices.map { index in
            guard isSupervised, let found = classes[index] else { return CrossEntropyLoss.unknown }
            return Int32(found)
        }
        heldOut = segments.indices.filter { $0 % settings.heldOutStride == settings.heldOutStride - 1 }
        training = segments.indices.filter { $0 % settings.heldOutStride != settings.heldOutStride - 1 }
        random = SeededRandom(seed: seed)
        encoder = TailEncoder(bundle.architecture)
        // From the bundle's scales: the bound is around them, not around those of the last round.
        network = TailNetwork(self.start, from: base)
        var anchor = TailNetwork(base)
        bound = ParameterBound(around: &anchor, share: settings.change)
        schedule = LearningRateSchedule(
            peak: settings.peakRate, warmUp: min(10, settings.trainingSteps / 10), steps: max(1, settings.trainingSteps)
        )
        var tasks = PretextTasks()
        (tasks.mask, tasks.forecast, tasks.vicreg) = (0.75, 2.25, 1)
        let unlabelled = tasks
        if isSupervised { tasks.labels = 0.5 }
        let size = bundle.architecture.embedding
        let targets = ReplayBatch.targets(patch: bundle.architecture.patch)
        objective = PretextObjective(
            targets: targets, tasks: tasks, embedding: size, classes: classCount, random: &random)
        var unsupervised = PretextObjective(
            targets: targets, tasks: unlabelled, embedding: size, random: &random)
        objective.regularizer.invariance = Self.invariance
        unsupervised.regularizer = objective.regularizer
        before = TailReading(
            PackedTail(self.start, kernels: kernels), encoder: encoder, objective: unsupervised, classes: classCount)
        figures.segments = segments.count
        figures.labelled = self.classes.count { $0 != CrossEntropyLoss.unknown }
    }

    /// Slices that a whole round takes.
    package var slices: Int { 2 * (batches(training) + batches(heldOut)) + settings.trainingSteps }

    /// One slice of work; the outcome when it was the last.
    package mutating func advance() -> Outcome? {
        switch phase {
        case .reading(let batch):
            before.learn(self.batch(of: training, batch))
            guard batch + 1 == batches(training) else {
                phase = .reading(batch: batch + 1)
                return nil
            }
            guard before.fit() else { return refuse(.noSense) }
            phase = .judging(batch: 0)
        case .judging(let batch):
            before.judge(self.batch(of: heldOut, batch))
            guard batch + 1 == batches(heldOut) else {
                phase = .judging(batch: batch + 1)
                return nil
            }
            return judgeReplay()
        case .training(let step):
            train()
            guard step + 1 == settings.trainingSteps else {
                phase = .training(step: step + 1)
                return nil
            }
            return finishTraining()
        case .readingCandidate(let batch):
            after!.learn(self.batch(of: training, batch))
            guard batch + 1 == batches(training) else {
                phase = .readingCandidate(batch: batch + 1)
                return nil
            }
            guard after!.fit() else { return refuse(.noSense) }
            phase = .judgingCandidate(batch: 0)
        case .judgingCandidate(let batch):
            after!.judge(self.batch(of: heldOut, batch))
            guard batch + 1 == batches(heldOut) else {
                phase = .judgingCandidate(batch: batch + 1)
                return nil
            }
            return decide()
        }
        return nil
    }

    // MARK: Steps of a round

    private mutating func judgeReplay() -> Outcome? {
        figures.lossBefore = before.loss
        figures.predictionBefore = before.predictionLoss
        figures.explained = before.explained
        figures.accuracyBefore = before.labelAccuracy
        guard before.loss.isFinite, before.explained >= settings.leastExplained else { return refuse(.noSense) }
        // What a fresh reader can not tell apart on the training part's twin teaches nothing.
        if let accuracy = before.labelAccuracy, accuracy < 1.25 / Double(classCount) { return refuse(.labels) }
        // A head that knew nothing would send noise back into the tail, until it knew something.
        objective.head = before.head
        phase = .training(step: 0)
        return nil
    }

    private mutating func train() {
        let chosen = (0..<min(settings.batchSegments, training.count)).map { _ in
            training[Int(random.next() % UInt64(training.count))]
        }
        let batch = makeBatch(chosen, random: &random)
        network.clearGradients()
        objective.clearGradients()
        let embeddings = network.forward(frames(of: batch), .training, using: Self.gemm)
        let result = objective.evaluate(embeddings, batch.pretext, using: Self.gemm)
        network.backward(result.gradient, using: Self.gemm)
        network.clipGradients(to: Self.gradientLimit)
        objective.clipGradients(to: Self.gradientLimit)
        var pair = TrainedPair(network: network, objective: objective)
        optimizer.update(&pair, rate: schedule.rate(at: figures.steps))
        (network, objective) = (pair.network, pair.objective)
        bound.hold(&network)
        figures.steps += 1
    }

    private mutating func finishTraining() -> Outcome? {
        figures.change = bound.change(of: &network)
        let tail = network.quantized(like: start)
        guard tail.isComputable(in: architecture) else { return refuse(.noBetter) }
        candidate = tail
        after = before.fresh(PackedTail(tail, kernels: kernels))
        phase = .readingCandidate(batch: 0)
        return nil
    }

    private mutating func decide() -> Outcome {
        let after = after!
        figures.lossAfter = after.loss
        figures.predictionAfter = after.predictionLoss
        figures.accuracyAfter = after.labelAccuracy
        figures.stability = RankCorrelation.of(before.scores, after.scores)
        if let reason = figures.objection(settings, novelty: (before.novelty, after.novelty)) { return refuse(reason) }
        return Outcome(tail: candidate, decision: AdaptationDecision(.accepted, .better, figures))
    }

    private func refuse(_ reason: AdaptationDecision.Reason) -> Outcome {
        Outcome(tail: nil, decision: AdaptationDecision(.refused, reason, figures))
    }

    // MARK: Batches

    private func batches(_ part: [Int]) -> Int { (part.count + settings.batchSegments - 1) / settings.batchSegments }

    /// The same batch, with the same pairs, for every tail that is read.
    private func batch(of part: [Int], _ index: Int) -> ReplayBatch {
        let first = index * settings.batchSegments
        var random = SeededRandom(seed: seed &+ UInt64(index) &+ 1)
        return makeBatch(Array(part[first..<min(first + settings.batchSegments, part.count)]), random: &random)
    }

    private func makeBatch(_ chosen: [Int], random: inout SeededRandom) -> ReplayBatch {
        ReplayBatch(
            chosen.map { segments[$0] }, classes: chosen.map { classes[$0] }, tapBytes: architecture.tapBytes,
            patch: architecture.patch, unit: unit, lags: Self.lags, random: &random)
    }

    private func frames(of batch: ReplayBatch) -> Matrix {
        let (scale, zero) = (start.input.scale, Float(start.input.zeroPoint))
        let rows = batch.pretext.targets.rows
        return Matrix(rows: rows, columns: architecture.tapBytes) { values in
            batch.frames.withUnsafeBufferPointer { frames in
                for index in frames.indices { values[index] = (Float(frames[index]) - zero) * scale }
            }
        }
    }
}

/// What one optimiser moves.
private struct TrainedPair: ParameterGroup {
    var network: TailNetwork
    var objective: PretextObjective

    mutating func forEachParameter(_ body: (inout Parameter) -> Void) {
        network.forEachParameter(body)
        objective.forEachParameter(body)
    }
}
