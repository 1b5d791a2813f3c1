import Adaptation
import Inference
import Logging
import SedgeCore

/// Latent replay: records what streams do, lets a runner train tails on it, and puts them into use.
///
/// Belongs to the pipeline's thread. The way of an adaptation: segments are recorded and shelved; when there are enough, a
/// round trains and judges a tail; a second round gives the stream's learner that tail's embeddings; the scorer that comes
/// of it serves a probation beside the frozen one, and beside an earlier one that is in use; then it speaks for the
/// stream, and is watched.
final class Tier2 {
    private let bundle: ModelBundle
    private let kernels: KernelSet
    var scope: AdaptationScope
    private let settings: Tier2Settings
    let shelf: any ReplayShelf
    private let runner: any RoundRunner
    /// Of the scorers that are in use, and of those on probation.
    private var tails: LaneTails
    private var candidates: LaneTails
    private let log: Logger
    private var random: SeededRandom
    /// What the store held at start.
    private var places: [StreamID: [ReplayCoverage.Place]]
    private var streams: [StreamID: StreamTier2] = [:]
    private var order: [StreamID] = []
    /// Scorers that wait for their learner's new embeddings.
    private var transfers: [(stream: StreamID, tail: QuantizedTail, figures: AdaptationFigures)] = []
    /// With `shared`: the newest tail of all, steps of all streams until the next round, and what they are multiplied by
    /// after rounds that came to nothing.
    private var shared: QuantizedTail?
    private var sharedWait = 0
    private var sharedPatience = 1
    /// Streams that the round under way trains on and that had something new: those that live.
    private var sharing = 1
    /// Decisions that no step has told yet.
    private var untold: [StreamID: AdaptationDecision] = [:]

    init(
        bundle: ModelBundle, kernels: KernelSet, scope: AdaptationScope, settings: Tier2Settings = Tier2Settings(),
        shelf: any ReplayShelf, runner: any RoundRunner, places: [StreamID: [ReplayCoverage.Place]] = [:], seed: UInt64,
        log: Logger
    ) {
        self.bundle = bundle
        self.kernels = kernels
        self.scope = scope
        self.settings = settings
        self.shelf = shelf
        self.runner = runner
        self.places = places
        self.log = log
        random = SeededRandom(seed: seed)
        tails = LaneTails(bundle.architecture)
        candidates = LaneTails(bundle.architecture)
    }

    /// Whether any stream has a scorer on a tail of its own in use, or on probation.
    var hasTails: Bool { !tails.isEmpty }
    var hasCandidates: Bool { !candidates.isEmpty }

    // MARK: A stream comes

    /// - Parameter saved: its checkpoint, if it has one.
    /// - Returns: why its adaptation starts afresh, where it does.
    func attach(_ stream: StreamRuntime, saved: [UInt8]?) -> String? {
        let architecture = bundle.architecture
        var part = StreamTier2(
            recorder: ReplayRecorder(
                channels: stream.channels.count, patch: architecture.patch, tapBytes: architecture.tapBytes,
                hop: stream.configuration.hop, clip: bundle.preprocessing.clip,
                coverage: ReplayCoverage(
                    capacity: settings.quota(streams: max(1, streams.count + 1)), seed: random.next(),
                    places: places.removeValue(forKey: stream.id) ?? []),
                settings: settings))
        var complaint: String?
        if let saved, !saved.isEmpty {
            do {
                guard let learner = stream.learner else { throw SnapshotError.impossible("its learner is gone") }
                let scorer = try AdaptedScorer(
                    learner.configuration, restoring: saved, of: bundle, settings: settings)
                if scorer.isActive { shared = shared ?? scorer.tail }
                part.add(scorer)
            } catch {
                complaint = "its adaptation starts afresh: \(error)"
            }
        }
        if streams[stream.id] == nil { order.append(stream.id) }
        streams[stream.id] = part
        useTails(of: stream)
        return complaint
    }

    /// A stream that goes on under another configuration, or on other lanes.
    func keep(_ stream: StreamRuntime) {
        guard streams[stream.id] != nil else {
            _ = attach(stream, saved: nil)
            return
        }
        if let learner = stream.learner { streams[stream.id]!.follow(learner.configuration) }
        useTails(of: stream)
    }

    /// Lanes have other numbers from now on; each stream says which, by `keep`.
    func forgetLanes() {
        tails = LaneTails(bundle.architecture)
        candidates = LaneTails(bundle.architecture)
    }

    /// A stream that is no more.
    func detach(_ stream: StreamRuntime) {
        streams[stream.id] = nil
        useTails(of: stream)
        order.removeAll { $0 == stream.id }
        transfers.removeAll { $0.stream == stream.id }
        untold[stream.id] = nil
    }

    /// What of it is saved; nil: nothing. A probation beside a scorer in use is not: it costs a round to begin anew, and
    /// what was accepted must never be lost to it.
    func snapshot(of stream: StreamID) -> [UInt8]? { scorer(of: stream)?.snapshot(of: bundle.fingerprint) }

    /// The tail that the stream has in use, or else on probation.
    func tail(of stream: StreamID) -> QuantizedTail? { scorer(of: stream)?.tail }

    func isOnProbation(_ stream: StreamID) -> Bool { streams[stream]?.candidate != nil }

    func scorer(of stream: StreamID) -> AdaptedScorer? {
        streams[stream].flatMap { $0.active ?? $0.candidate }
    }

    /// Segments that are kept, of all streams.
    var kept: Int { streams.values.reduce(0) { $0 + $1.recorder.coverage.count } }

    // MARK: What people say

    func teach(_ lessons: Lessons, of stream: StreamID) { streams[stream]?.teach(lessons) }
    func acceptPresentBehaviour(of stream: StreamID) { streams[stream]?.acceptPresentBehaviour() }
    func refusePresentBehaviour(of stream: StreamID) { streams[stream]?.refusePresentBehaviour() }

    // MARK: A step

    /// Writes the adapted embeddings of the lanes that have a tail in use.
    func adapt(lanes: [Int], tapped: [Int8], embeddings: inout [Float]) {
        var output = embeddings.mutableSpan
        tails.apply(lanes: lanes.span, tapped: tapped.span, embeddings: &output)
    }

    /// The same of the lanes that have a tail on probation.
    func tryOut(lanes: [Int], tapped: [Int8], embeddings: inout [Float]) {
        var output = embeddings.mutableSpan
        candidates.apply(lanes: lanes.span, tapped: tapped.span, embeddings: &output)
    }

    /// Records a step, and judges it on the adapted tails where there are some.
    /// - Parameters:
    ///   - adapted: (channels, E) on the tail that is in use.
    ///   - trial: the same on the one on probation.
    ///   - tapped: (channels, k, C).
    /// - Returns: the verdict that counts, and what was decided meanwhile.
    func observe(
        _ stream: StreamRuntime, time: Timestamp, adapted: Span<Float>, trial: Span<Float>, tapped: Span<Int8>,
        patches: Span<Float>, levels: Span<Float>, learns: Bool, frozen: LearnerVerdict
    ) -> (verdict: LearnerVerdict, decisions: [AdaptationDecision]) {
        guard streams[stream.id] != nil else { return (frozen, []) }
        let (verdict, judged) = streams[stream.id]!.judge(
            time: time, adapted: adapted, trial: trial, patches: patches, levels: levels, learns: learns,
            frozen: frozen)
        for decision in judged { settle(decision, of: stream) }
        var decisions = judged
        let isOrdinary = learns && frozen.isCalibrated && !frozen.isAlarming && !verdict.isAlarming
        streams[stream.id]!.recorder.observe(
            time: time, tapped: tapped, patches: patches,
            // By number: names come and go.
            state: frozen.stateNumber.map { "state-\($0)" }, isOrdinary: isOrdinary)
        let ready = streams[stream.id]!.recorder.takeReady()
        if !ready.isEmpty {
            shelf.put(ready, of: stream.id)
            streams[stream.id]!.fresh += ready.count
        }
        streams[stream.id]!.wait = max(0, streams[stream.id]!.wait - 1)
        sharedWait = max(0, sharedWait - 1)
        if !untold.isEmpty, let decision = untold.removeValue(forKey: stream.id) { decisions.append(decision) }
        return (verdict, decisions)
    }

    // MARK: Rounds

    /// Lets the runner work, takes what it has done and gives it the next. `find` gives a stream by its name.
    func tick(steps: Int, find: (StreamID) -> StreamRuntime?) {
        runner.advance(steps: steps)
        if let done = runner.take(for: bundle.fingerprint) {
            for (stream, complaint) in done.complaints {
                log.warning(
                    complaint.isForgotten ? "replay was lost" : "replay was not read",
                    metadata: ["stream": "\(stream)", "reason": "\(complaint.text)"])
                if complaint.isForgotten { streams[stream]?.forgetReplay() }
            }
            finish(done.result, find: find)
        }
        guard !runner.isBusy, let task = nextTask(find: find) else { return }
        runner.start(
            AdaptationRound(
                task, bundle: bundle, kernels: kernels, settings: settings, shelf: shelf, seed: random.next()),
            for: bundle.fingerprint)
    }

    /// Its model has gone.
    func abandonRound() { runner.abandon(bundle.fingerprint) }

    private func nextTask(find: (StreamID) -> StreamRuntime?) -> AdaptationRound.Task? {
        for (place, next) in transfers.enumerated() {
            // A learner in the middle of an event would carry it over: its stream waits, and the others go first.
            guard let learner = find(next.stream)?.learner, learner.isCalibrated, !learner.isAlarming else { continue }
            transfers.remove(at: place)
            return .transfer(next.stream, learner, next.tail, next.figures)
        }
        switch scope {
        case .stream:
            guard let due = order.first(where: { isDue($0) }) else { return nil }
            streams[due]!.fresh = 0
            return .train([due], start: streams[due]!.active?.tail)
        case .shared:
            let fresh = order.reduce(0) { $0 + streams[$1]!.fresh }
            guard sharedWait == 0, kept >= settings.leastSegments, fresh >= settings.leastSegments / 2,
                !isOnProbation
            else { return nil }
            sharing = max(1, order.count { streams[$0]!.fresh > 0 })
            for id in order { streams[id]!.fresh = 0 }
            return .train(order, start: shared)
        }
    }

    /// A tail that has not proved itself is not built upon.
    private var isOnProbation: Bool { streams.values.contains { $0.candidate != nil } }

    private func isDue(_ id: StreamID) -> Bool {
        guard let part = streams[id] else { return false }
        return part.wait == 0 && part.fresh >= settings.leastSegments / 2
            && part.recorder.coverage.count >= settings.leastSegments && part.candidate == nil
            && !transfers.contains { $0.stream == id }
    }

    private func finish(_ result: AdaptationRound.Result, find: (StreamID) -> StreamRuntime?) {
        switch result {
        case .idle(let ids):
            for id in ids { streams[id]?.wait = settings.roundSteps }
            // One stream's alone is a tail that it has too little replay to take.
            if ids == order { sharedWait = settings.roundSteps * sharing }
        case .trained(let ids, let outcome):
            for id in ids { rest(id, cameToNothing: outcome.tail == nil) }
            if scope == .shared {
                sharedWait = settings.roundSteps * sharedPatience * sharing
                sharedPatience = outcome.tail == nil ? min(16, 2 * sharedPatience) : 1
            }
            guard let tail = outcome.tail else {
                for id in ids where streams[id] != nil { untold[id] = outcome.decision }
                return
            }
            if scope == .shared { shared = tail }
            // A stream that still waits for an older tail takes the newer one.
            transfers.removeAll { ids.contains($0.stream) }
            transfers += ids.filter { streams[$0] != nil }.map { ($0, tail, outcome.decision.figures) }
        case .transferred(let id, var scorer):
            guard streams[id] != nil, let stream = find(id), let learner = stream.learner else { return }
            // Configuration and lessons may have changed while the runner worked.
            scorer.follow(learner.configuration)
            guard scorer.learner.configuration == learner.configuration else { return }
            scorer.teach(learner.lessons)
            streams[id]!.add(scorer)
            useTails(of: stream)
        }
    }

    private func settle(_ decision: AdaptationDecision, of stream: StreamRuntime) {
        useTails(of: stream)
        guard decision.outcome != .accepted else {
            streams[stream.id]!.patience = 1
            return
        }
        rest(stream.id, cameToNothing: true)
    }

    private func rest(_ id: StreamID, cameToNothing: Bool) {
        guard var part = streams[id] else { return }
        part.wait = settings.roundSteps * part.patience
        if cameToNothing { part.patience = min(16, 2 * part.patience) }
        streams[id] = part
    }

    /// Between two steps, whole.
    private func useTails(of stream: StreamRuntime) {
        let part = streams[stream.id]
        let (active, candidate) = (packed(part?.active?.tail), packed(part?.candidate?.tail))
        for lane in stream.lanes {
            tails.set(active, ofLane: lane)
            candidates.set(candidate, ofLane: lane)
        }
    }

    /// One pack for all lanes of a tail, and of all streams that share it.
    private func packed(_ tail: QuantizedTail?) -> PackedTail? {
        tail.map { tails.packed($0) ?? candidates.packed($0) ?? PackedTail($0, kernels: kernels) }
    }
}
