package import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// All that is learned about one stream: scores, their calibration, the alarm and the states. A value: no I/O, no
/// clock, and the same steps always give the same verdicts.
///
/// The way of a step: `ChannelScorers` say how unusual each channel is, `JointScorer` all together, `EvidencePool` makes
/// two numbers of it, of what happens now and of what lasts, `finalEvent` and `finalState` a p-value of each,
/// `AnomalyAlarm` decides, and what is unsuspicious is learned. A new scorer finds its place in `ChannelScorers`; what
/// looks at embeddings as a whole, beside `Regimes`.
package struct StreamLearner: Sendable {
    package let configuration: LearnerConfiguration
    var scorers: [ChannelScorers]
    var joint: JointScorer
    var pool: EvidencePool
    var finalEvent: QuantileCalibrator
    var finalState: QuantileCalibrator
    var alarm: AnomalyAlarm
    var regimes: Regimes
    var quarantine: Quarantine
    var excursion: Excursion
    var drift = DriftMonitor()
    /// Steps seen, steps since the last break, and steps that were learned from.
    var steps = 0
    var settling = Self.warmUp
    var learned = 0
    var pace: StepPace
    /// Steps in a row that were not to be learned from, up to `settlingAfterGap`; as many where one was muted.
    var muted = 0
    var announced: String?
    var isAccepting = false
    /// What people said about the stream; no part of the snapshot, since it is stored by itself.
    package private(set) var lessons = Lessons()
    private var features: StepFeatures
    var labels = LabelTracker()
    /// Steps for which what a known normal event leaves behind, in windows and means, starts no alarm.
    var pardoned = 0
    /// Mean −log10 of the state's p-value over the last ten steps or so.
    var suspicion = 0.0
    /// Steps in a row that were suspicious or belong to a confirmed alarm.
    var estranged = 0

    /// Whether steps are judged, alarms and all, but nothing is learned from them. No part of a snapshot.
    package var isFrozen = false

    /// Whether the step before was accepting. No part of a snapshot: a new baseline does no harm twice.
    private var wasAccepting = false

    var scores: [Float]  // (channels, ChannelScorers.scoreCount), then the two joint ones
    var summary: [Float]  // (2 E + 2 channels, padded); what the regimes see

    /// Steps at the beginning of a stream that are not learned from: encoder and normaliser are still settling.
    package static let warmUp = 32
    /// Steps that pass after a gap in time, a maintenance window or as many steps that are not learned from, before
    /// anything is learned again or starts an alarm.
    package static let settlingAfterGap = 16
    /// Learned steps before the scores are calibrated, and then their sum.
    static let scorerSteps = 64
    static let evidenceSteps = 128
    package static let calibrationSteps = 288
    /// Steps for which a step is held back before the state histories learn it.
    package static let quarantineSteps = 128
    /// A stream that has not been itself for so long, in steps and in seconds, is taken for the new normal.
    package static let acceptanceSteps = 500
    package static let acceptanceSeconds = 604_800.0
    /// While accepting, one step in so many is learned.
    static let acceptanceStride = 4
    /// While the suspicion is above this nothing is learned about what is normal: a fault that is learned from its
    /// first steps on never looks like one.
    static let suspiciousScore = 1.0
    /// Event time that a statistic remembers, and the same in steps at least and at most.
    private static let memorySeconds = 14 * 86_400.0
    private static let memorySteps = 10_000.0...1_000_000.0
    /// What the p-value of the boldest score is multiplied by: single tails are extrapolated far, and nothing checks them.
    private static let boldestMargin = 10.0
    private static let decadesPerNat = 0.434_294_481_903_251_8
    static let format: UInt32 = 0x5ED6_0005

    package init(_ configuration: LearnerConfiguration) {
        precondition(
            configuration.channels > 0 && configuration.embeddingSize > 0 && configuration.patch > 0,
            "a learner needs channels, an embedding and a patch")
        self.configuration = configuration
        let step = max(1e-6, configuration.stepSeconds)
        let memory = min(Self.memorySteps.upperBound, max(Self.memorySteps.lowerBound, Self.memorySeconds / step))
        let channels = configuration.channels
        let one = ChannelScorers(
            embeddingSize: configuration.embeddingSize, patch: configuration.patch, hop: configuration.hop,
            memory: memory)
        scorers = Array(repeating: one, count: channels)
        pace = StepPace(stepSeconds: configuration.stepSeconds)
        joint = JointScorer(channels: channels, memory: memory)
        pool = EvidencePool(channels: channels, memory: memory)
        finalEvent = Self.finalCalibrator(memory: memory)
        finalState = finalEvent
        alarm = AnomalyAlarm(alarmsPerWeek: configuration.alarmsPerWeek, stepSeconds: step)
        let dimension = 2 * configuration.embeddingSize + 2 * channels
        regimes = Regimes(dimension: dimension, memory: memory)
        let width = EvidencePool.stateWidth(channels: channels) + 1
        quarantine = Quarantine(capacity: Self.quarantineSteps, width: width)
        excursion = Excursion(width: width)
        scores = Array(repeating: 0, count: channels * ChannelScorers.scoreCount + 2)
        summary = Array(repeating: 0, count: VectorMath.padded(dimension))
        features = StepFeatures(
            channels: channels, embeddingSize: configuration.embeddingSize, patch: configuration.patch)
    }

    /// Of the sums that alarms are decided by. Their tails are stretched by a tenth: made-up streams with heavy tails
    /// raised half as many alarms again as asked for (docs/decisions.md).
    static func finalCalibrator(memory: Double) -> QuantileCalibrator {
        QuantileCalibrator(memory: memory, lowestExponent: -4, tailFloor: 1, margin: 1.1, caution: 1, youth: 1000)
    }

    /// Whether scores mean something: phase `ready` rather than `learning`.
    package var isCalibrated: Bool { learned >= Self.calibrationSteps }

    /// Whether an alarm is open.
    package var isAlarming: Bool { alarm.event != nil }

    /// Share of each channel in the last score: what it has beyond the evidence that an ordinary step has on average.
    /// Sums to 1.
    package var contributions: [Float] {
        let ordinary = Double(ChannelScorers.briefStart) * EvidencePool.expectation
        let excess = pool.channelEvidence.map { max(0, $0 - ordinary) }
        let total = excess.reduce(0, +)
        guard total > 0 else { return Array(repeating: 1 / Float(excess.count), count: excess.count) }
        return excess.map { Float($0 / total) }
    }

    /// The documented way back to normal by hand: from now on what the stream does is learned, alarm or not, until
    /// the alarm ends. Does nothing without an alarm.
    package mutating func acceptPresentBehaviour() {
        if alarm.event != nil { isAccepting = true }
    }

    /// Takes that back; what led to the present step and is not learned yet never will be.
    package mutating func refusePresentBehaviour() {
        isAccepting = false
        quarantine.drop()
        excursion.reset()
    }

    /// From the next step on, these and no others are what people said about the stream.
    package mutating func teach(_ lessons: Lessons) { self.lessons = lessons }

    /// The last step as people's lessons see it: `StepFeatures.vector`.
    package var stepFeatures: [Float] { features.vector }
    package var featureDimension: Int { features.dimension }

    /// Whether what the stream does is not learned from.
    private var isSuspicious: Bool {
        isCalibrated && !isAccepting && (suspicion > Self.suspiciousScore || alarm.isConfirmed)
    }

    /// Judges one step and, unless it is suspicious, learns from it. Steps come in the order of time.
    ///
    /// - Parameters:
    ///   - time: event time of the step's last sample.
    ///   - embeddings: (channels, E), dequantised.
    ///   - patches: (channels, patch), normalised.
    ///   - levels: (channels), distance of the newest samples from the channel's slow level (`StreamPreprocessor`).
    ///   - learns: false where nothing is to be learned, as in a maintenance window: no statistic changes and no
    ///     alarm starts; one that runs goes on and may end.
    ///   - isMuted: whether that is for a maintenance window; of what is seen there nothing enters later steps.
    ///   - frozen: what the learner on the frozen encoder said of the step, where this one has other embeddings.
    ///     People's examples are of the frozen ones, so its ruling holds here too, as does its window; labels are left
    ///     to it.
    package mutating func observe(
        time: Timestamp, embeddings: Span<Float>, patches: Span<Float>, levels: Span<Float>, learns: Bool,
        isMuted: Bool = false, following frozen: LearnerVerdict? = nil
    ) -> LearnerVerdict {
        precondition(
            embeddings.count == configuration.channels * configuration.embeddingSize, "embeddings are (channels, E)")
        precondition(patches.count == configuration.channels * configuration.patch, "patches are (channels, patch)")
        precondition(levels.count == configuration.channels, "levels are (channels)")
        breakOffAfterGap(time)
        alarm.stepSeconds = pace.current
        let isMuted = frozen?.isMuted ?? isMuted
        breakOffAfterMuting(isMuted: isMuted, learns: learns)
        steps += 1
        settling = max(0, settling - 1)
        let (channels, size, patch) = (configuration.channels, configuration.embeddingSize, configuration.patch)
        for channel in 0..<channels {
            let found = scorers[channel].score(
                embedding: embeddings.extracting((channel * size)..<((channel + 1) * size)),
                patch: patches.extracting((channel * patch)..<((channel + 1) * patch)), distance: levels[channel])
            for index in 0..<ChannelScorers.scoreCount {
                scores[channel * ChannelScorers.scoreCount + index] = found[index]
            }
        }
        let together = joint.score(scorers)
        scores[channels * ChannelScorers.scoreCount] = together.x
        scores[channels * ChannelScorers.scoreCount + 1] = together.y
        let ruling: Lessons.Ruling?
        if let frozen {
            ruling = frozen.ruling
        } else {
            features.take(embeddings: embeddings, patches: patches)
            ruling = lessons.ruling(on: features.vector)
        }
        pardon(ruling)
        let evidence = pool.evidence(scores)
        let isCalibrated = self.isCalibrated
        let event = isCalibrated ? finalEvent.pValue(evidence.event) : 1
        let state = isCalibrated ? statePValue(evidence) : 1
        let pValue = Self.eitherPValue(event, state)
        let transition = alarm.observe(
            time: time, score: pardoned > 0 ? 0 : -log10(pValue),
            extremalIndex: max(finalEvent.extremalIndex, finalState.extremalIndex),
            mayStart: isCalibrated && learns && settling == 0)
        suspicion += 2.0 / 11 * ((pardoned > 0 ? 0 : -log10(state)) - suspicion)
        if alarm.isConfirmed, !isAccepting { quarantine.drop() }
        if case .end = transition { isAccepting = false }
        if learns, settling == 0, !isFrozen, ruling != .anomaly {
            learn(evidence, isCalibrated: isCalibrated, isKnownNormal: ruling == .normal)
        }
        // Before calibration p-values are 1, and what is not learned from is no part of the stream. The state's are
        // means over so many steps that their neighbours say the same.
        let drifted =
            isCalibrated && learns && settling == 0 && ruling == nil && pardoned == 0
            ? drift.observe(
                time: time, stepSeconds: pace.current, pValue: event, embeddingPValue: pool.embeddingPValue) : nil
        let decades = isCalibrated ? evidence.state * Self.decadesPerNat : 0
        let lasting = isCalibrated ? evidence.lasting * Self.decadesPerNat : 0
        let hasAccepted = isAccepting && !wasAccepting
        wasAccepting = isAccepting
        summarise()
        let change = settling == 0 ? regimes.observe(time: time, summary, learns: learns && !isFrozen) : nil
        let regime = isCalibrated ? announce(change, time: time) : nil
        let head = frozen == nil ? lessons.head : nil
        let label = labels.observe(
            settling == 0 ? head?.probabilities(of: features.vector) : nil, names: head?.names ?? [], time: time)
        return LearnerVerdict(
            isCalibrated: isCalibrated, score: decades - log10(event),
            eventScore: 0.5 * log1p(2 * lasting) - log10(event), pValue: pValue, alarm: transition,
            openAlarm: alarm.event, regime: regime.map(named), regimeName: announced.map(named),
            stateNumber: announced.flatMap(Self.number), label: label, drift: drifted, isDrifting: drift.isDrifting,
            isSuspicious: isSuspicious, hasAcceptedChange: hasAccepted, isMuted: isMuted, ruling: ruling)
    }

    /// By the history of the sum, or while that is young by the boldest score alone: most of the sums were made when
    /// single scores knew little, so that they claim no small p-values, though single scores can.
    private func statePValue(_ evidence: EvidencePool.Evidence) -> Double {
        let together = finalState.pValue(evidence.state)
        guard finalState.observations < finalState.youth else { return together }
        return min(together, max(QuantileCalibrator.leastP, exp(-evidence.boldest) * Self.boldestMargin))
    }

    /// The p-value of the smaller of two, as if they were independent (Šidák); a little too large where they are not.
    private static func eitherPValue(_ a: Double, _ b: Double) -> Double {
        let least = min(a, b)
        return least * (2 - least)
    }

    /// The same for callers who know no slow level: the distance is that of the patch's last sample, as normalised.
    package mutating func observe(
        time: Timestamp, embeddings: Span<Float>, patches: Span<Float>, learns: Bool, isMuted: Bool = false
    ) -> LearnerVerdict {
        var newest = [Float](repeating: 0, count: configuration.channels)
        for channel in newest.indices {
            newest[channel] = patches[(channel + 1) * configuration.patch - 1]
        }
        return observe(
            time: time, embeddings: embeddings, patches: patches, levels: newest.span, learns: learns,
            isMuted: isMuted)
    }
}
