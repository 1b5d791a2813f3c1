import Adaptation
import Inference
import SedgeCore

/// A piece of tier 2's work, done in slices by whoever has time for it.
struct AdaptationRound {
    /// What it is for.
    enum Task: Sendable {
        /// To train a tail on the replay of these streams, beginning with the one that is in use.
        case train([StreamID], start: QuantizedTail?)
        /// To give a stream's learner a new tail's embeddings.
        case transfer(StreamID, StreamLearner, QuantizedTail, AdaptationFigures)
    }

    enum Result: Sendable {
        case trained([StreamID], TailTrainer.Outcome)
        case transferred(StreamID, AdaptedScorer)
        /// There was too little to work with.
        case idle([StreamID])
    }

    private let task: Task
    private let bundle: ModelBundle
    private let kernels: KernelSet
    private let settings: Tier2Settings
    private let shelf: any ReplayShelf
    private let seed: UInt64
    private var trainer: TailTrainer?
    /// Sentences for the log, each with its stream.
    private(set) var complaints: [(stream: StreamID, complaint: ReplayComplaint)] = []

    init(
        _ task: Task, bundle: ModelBundle, kernels: KernelSet, settings: Tier2Settings, shelf: any ReplayShelf,
        seed: UInt64
    ) {
        self.task = task
        self.bundle = bundle
        self.kernels = kernels
        self.settings = settings
        self.shelf = shelf
        self.seed = seed
    }

    /// One slice; the result when it was the last.
    mutating func advance() -> Result? {
        switch task {
        case .train(let streams, let start):
            if trainer == nil {
                trainer = makeTrainer(streams, start: start)
                return trainer == nil ? .idle(streams) : nil
            }
            return trainer!.advance().map { .trained(streams, $0) }
        case .transfer(let stream, let learner, let tail, let figures):
            let segments = recall(stream, limit: settings.segmentsPerStream).map(\.segment)
            guard segments.count >= settings.leastSegments else { return .idle([stream]) }
            let packed = PackedTail(tail, kernels: kernels)
            return .transferred(
                stream,
                AdaptedScorer(
                    tail: tail, learner: learner.relearning(segments, with: packed, of: bundle), figures: figures,
                    settings: settings))
        }
    }

    private mutating func makeTrainer(_ streams: [StreamID], start: QuantizedTail?) -> TailTrainer? {
        let limit = max(1, settings.segmentsPerStream / max(1, streams.count))
        var recalled = streams.flatMap { recall($0, limit: limit) }
        // All of one length: a step that was configured otherwise once.
        recalled = recalled.filter { $0.segment.samples.count == recalled[0].segment.samples.count }
        guard recalled.count >= settings.leastSegments else { return nil }
        let names = Set(recalled.compactMap(\.label)).sorted()
        // Places are filled by groups in turn: mixed, so that what is held out has some of each.
        var random = SeededRandom(seed: seed)
        recalled.shuffle(using: &random)
        return TailTrainer(
            bundle: bundle, start: start, segments: recalled.map(\.segment),
            classes: recalled.map { $0.label.flatMap { names.firstIndex(of: $0) } }, settings: settings, seed: seed,
            kernels: kernels)
    }

    private mutating func recall(_ stream: StreamID, limit: Int) -> [RecalledSegment] {
        let found = shelf.recall(stream, limit: limit)
        if let complaint = found.complaint { complaints.append((stream, complaint)) }
        return found.segments
    }
}
