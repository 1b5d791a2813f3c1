import SedgeCore

/// What a step that has been judged leaves behind: histories of what is normal, which what is suspicious must not reach
/// until it has come to nothing, or lasted for a week.
extension StreamLearner {
    mutating func learn(
        _ evidence: EvidencePool.Evidence, isCalibrated: Bool, isKnownNormal: Bool
    ) {
        if learned >= Self.scorerSteps { pool.observeEvents(scores) }
        if learned >= Self.evidenceSteps { finalEvent.observe(evidence.event) }
        let isEstranged =
            isCalibrated && !isKnownNormal && (suspicion > Self.suspiciousScore || alarm.isConfirmed)
        estranged = isEstranged ? estranged + 1 : 0
        let isDenied =
            alarm.event.map { lessons.deniesNormality(of: TimeSpan(from: $0.start, to: $0.end)) } ?? false
        if estranged >= Self.acceptanceSteps, !isDenied,
            Double(estranged) * pace.current >= Self.acceptanceSeconds
        {
            isAccepting = true
        } else if !isEstranged, alarm.event == nil {
            isAccepting = false
        }
        if !isEstranged {
            learned += 1
            learnScorers()
            giveBackExcursion()
            hold(evidence.state, isCalibrated: isCalibrated)
        } else if isAccepting {
            excursion.reset()
            guard estranged % Self.acceptanceStride == 0 else { return }
            learnScorers()
            hold(evidence.state, isCalibrated: isCalibrated)
        } else if alarm.isConfirmed {
            excursion.reset()
        } else if let place = excursion.place() {
            let channels = configuration.channels
            EvidencePool.storeStates(scores, channels: channels, into: &excursion.rows, offset: place)
            excursion.rows[place + EvidencePool.stateWidth(channels: channels)] = Float(evidence.state)
        }
    }

    private mutating func learnScorers() {
        for channel in scorers.indices { scorers[channel].learn() }
        joint.learn()
    }

    /// What looked suspicious and came to nothing was chance, and has its place in the histories.
    private mutating func giveBackExcursion() {
        guard let offset = excursion.takeLast() else {
            excursion.reset()
            return
        }
        release(excursion.rows, offset, count: excursion.stride)
    }

    /// Into quarantine, and out of it what has served its time. Before anything can alarm nothing is suspicious.
    private mutating func hold(_ evidence: Double, isCalibrated: Bool) {
        if let offset = quarantine.due { release(quarantine.rows, offset, count: 1) }
        let (channels, scores) = (configuration.channels, self.scores)
        quarantine.put { rows, offset in
            EvidencePool.storeStates(scores, channels: channels, into: &rows, offset: offset)
            rows[offset + EvidencePool.stateWidth(channels: channels)] = Float(evidence)
        }
        if !isCalibrated, let offset = quarantine.newest {
            release(quarantine.rows, offset, count: 1)
            quarantine.drop()
        }
    }

    private mutating func release(_ rows: [Float], _ offset: Int, count: Int) {
        if learned >= Self.scorerSteps { pool.observeStates(rows, offset: offset, count: count) }
        let evidence = Double(rows[offset + EvidencePool.stateWidth(channels: configuration.channels)])
        if learned >= Self.evidenceSteps { finalState.observe(evidence, count: count) }
    }
}
