import Adaptation
import SedgeCore

/// Decides which of a stream's verdicts are said aloud: kinds, minimum severity, rate, maintenance windows.
///
/// An event whose start was said always gets its end. One whose start was not, since it was below the minimum severity
/// or in a maintenance window, is told of at the first unusual step at which it may be.
struct InsightPolicy {
    /// What an insight carries beside the verdict; asked for only when there is one to send.
    struct Evidence {
        var channels: [String: Double]
        var context: InsightContext?
    }

    let node: NodeID
    let stream: StreamID
    var configuration: StreamConfiguration
    /// The anomaly that subscribers know of.
    private(set) var openEvent: OpenEvent?
    /// Start of an anomaly that the rate limit keeps back, so that it is counted once.
    private var keptBackAnomaly: Timestamp?
    /// The label that subscribers know of.
    private(set) var openLabel: OpenLabel?
    /// A label that could not be told, so that it is counted once.
    private var keptBackLabel: String?
    /// Insights that the rate limit kept back.
    private(set) var suppressed: UInt64 = 0
    private var limits: [InsightKind: HourlyLimit] = [:]
    private var random: SeededRandom

    struct OpenEvent: Equatable {
        var id: String
        var start: Timestamp
        var severity: Double
    }

    struct OpenLabel: Equatable {
        var id: String
        var name: String
        var start: Timestamp
    }

    init(
        node: NodeID, stream: StreamID, configuration: StreamConfiguration, seed: UInt64, openEvent: OpenEvent? = nil,
        openLabel: OpenLabel? = nil
    ) {
        self.node = node
        self.stream = stream
        self.configuration = configuration
        self.openEvent = openEvent
        self.openLabel = openLabel
        random = SeededRandom(seed: seed)
    }

    /// What to say after a step at event time `time`.
    mutating func insights(
        for verdict: LearnerVerdict, at time: Timestamp, isMuted: Bool, evidence: () -> Evidence
    ) -> [Insight] {
        var said: [Insight] = []
        // After a crash the learner may be older than the event: what it does not know of, it would never end.
        let isOrphaned = openEvent != nil && !verdict.isAlarming && verdict.alarm == nil
        if isMuted || isOrphaned {
            if let end = closeEvent(at: time, verdict) { said.append(end) }
            if isMuted { return said + labelChange(nil, time) }
        }
        if let alarm = verdict.alarm ?? untold(verdict, time), let insight = anomaly(alarm, verdict, time, evidence) {
            said.append(insight)
        }
        if let change = verdict.regime, let insight = stateChange(change, time) { said.append(insight) }
        said += labelChange(verdict.label, time)
        if let change = verdict.drift, let insight = drift(change, time) { said.append(insight) }
        return said
    }

    /// A flaw in the stream itself, such as times from the future, or of some of its channels, such as a stuck sensor.
    mutating func quality(_ detail: String, channels: [String: Double]? = nil, at time: Timestamp) -> Insight? {
        guard allows(.quality, at: time) else { return nil }
        var insight = make(.quality, .point, time)
        insight.detail = detail
        insight.channels = channels
        return insight
    }

    /// Takes over an anomaly that subscribers know of from a stream's earlier life.
    mutating func adopt(_ event: OpenEvent?) { openEvent = event }

    /// The end of the open anomaly, for a stream that leaves; `last` is when it was heard last.
    mutating func farewell(at time: Timestamp, last: Timestamp) -> Insight? {
        guard let event = openEvent.take() else { return nil }
        var insight = make(.anomaly, .end, time, id: event.id)
        insight.start = event.start
        insight.end = max(event.start, last)
        insight.severity = event.severity
        return insight
    }

    /// The end of the open label, likewise.
    mutating func farewellLabel(at time: Timestamp, last: Timestamp) -> Insight? {
        guard let label = openLabel.take() else { return nil }
        var insight = make(.label, .end, time, id: label.id)
        insight.detail = label.name
        insight.start = label.start
        insight.end = max(label.start, last)
        return insight
    }

    /// A decision of tier 2.
    mutating func adaptation(_ decision: AdaptationDecision, at time: Timestamp) -> Insight? {
        guard allows(.adaptation, at: time) else { return nil }
        var insight = make(.adaptation, .point, time)
        insight.detail = decision.outcome.rawValue
        insight.reason = decision.reason.rawValue
        // JSON has no other numbers; a round that came to nothing may.
        insight.figures = decision.figures.named.mapValues { ($0 * 1e6).rounded() / 1e6 }.filter { $0.value.isFinite }
        return insight
    }

    /// The alarm that goes on at this step and that subscribers do not know of.
    private func untold(_ verdict: LearnerVerdict, _ time: Timestamp) -> AlarmTransition? {
        guard openEvent == nil, let alarm = verdict.openAlarm, alarm.end == time else { return nil }
        return .start(alarm)
    }

    private mutating func anomaly(
        _ transition: AlarmTransition, _ verdict: LearnerVerdict, _ time: Timestamp, _ evidence: () -> Evidence
    ) -> Insight? {
        let alarm = transition.event
        if case .end = transition { return closeEvent(at: time, verdict, alarm) }
        let phase: InsightPhase = openEvent == nil ? .start : .update
        guard openEvent != nil || alarm.severity >= configuration.minSeverity else { return nil }
        let isKnown = openEvent == nil && keptBackAnomaly == alarm.start
        guard allows(.anomaly, at: time, isKnown: isKnown) else {
            if openEvent == nil { keptBackAnomaly = alarm.start }
            return nil
        }
        var insight = make(.anomaly, phase, time, id: openEvent?.id)
        insight.start = alarm.start
        insight.severity = alarm.severity
        insight.score = verdict.score
        insight.pValue = verdict.pValue
        let evidence = evidence()
        insight.channels = evidence.channels
        insight.context = evidence.context
        openEvent = OpenEvent(id: insight.id, start: alarm.start, severity: alarm.severity)
        return insight
    }

    private mutating func closeEvent(at time: Timestamp, _ verdict: LearnerVerdict, _ alarm: AlarmEvent? = nil)
        -> Insight?
    {
        guard let event = openEvent else { return nil }
        openEvent = nil
        var insight = make(.anomaly, .end, time, id: event.id)
        insight.start = event.start
        insight.end = max(event.start, alarm?.end ?? time)
        insight.severity = alarm?.severity ?? event.severity
        insight.score = verdict.score
        insight.pValue = verdict.pValue
        return insight
    }

    private mutating func stateChange(_ change: RegimeTransition, _ time: Timestamp) -> Insight? {
        guard allows(.state, at: time) else { return nil }
        var insight = make(.state, .point, time)
        insight.start = change.since
        insight.detail = change.to
        insight.previous = change.from
        return insight
    }

    /// A label is told from its start to its end; the end of a label that was told is always told.
    private mutating func labelChange(_ label: LabelVerdict?, _ time: Timestamp) -> [Insight] {
        if label?.name != keptBackLabel { keptBackLabel = nil }
        guard label?.name != openLabel?.name else { return [] }
        var said: [Insight] = []
        let before = openLabel
        if let open = openLabel.take() {
            var end = make(.label, .end, time, id: open.id)
            end.detail = open.name
            end.start = open.start
            end.end = max(open.start, label?.since ?? time)
            said.append(end)
        }
        guard let label, label.name != keptBackLabel else { return said }
        guard allows(.label, at: time) else {
            keptBackLabel = label.name
            return said
        }
        keptBackLabel = nil
        var start = make(.label, .start, time)
        start.detail = label.name
        start.previous = before?.name
        start.start = label.since
        start.confidence = label.probability
        openLabel = OpenLabel(id: start.id, name: label.name, start: label.since)
        return said + [start]
    }

    /// What comes next, where it is asked for.
    mutating func forecast(_ forecast: InsightForecast, at time: Timestamp) -> Insight? {
        guard allows(.forecast, at: time) else { return nil }
        var insight = make(.forecast, .point, time)
        insight.forecast = forecast
        return insight
    }

    private mutating func drift(_ change: DriftTransition, _ time: Timestamp) -> Insight? {
        guard allows(.drift, at: time) else { return nil }
        var insight = make(.drift, .point, time)
        insight.start = change.since
        insight.detail = change.source.rawValue
        insight.pValue = change.meanPValue
        return insight
    }

    /// - Parameter isKnown: whether it was kept back, and counted, before.
    private mutating func allows(_ kind: InsightKind, at time: Timestamp, isKnown: Bool = false) -> Bool {
        guard configuration.insights.contains(kind) else { return false }
        guard limits[kind, default: HourlyLimit()].take(at: time, limit: configuration.maxInsightsPerHour) else {
            if !isKnown { suppressed += 1 }
            return false
        }
        return true
    }

    private mutating func make(
        _ kind: InsightKind, _ phase: InsightPhase, _ time: Timestamp, id: String? = nil
    ) -> Insight {
        Insight(
            id: id ?? random.next().hexadecimal, kind: kind, phase: phase, node: node, stream: stream, ts: time)
    }
}

/// Counts within hours of event time.
private struct HourlyLimit {
    private var hour: Int64 = .min
    private var taken = 0

    mutating func take(at time: Timestamp, limit: Int) -> Bool {
        let now = time.milliseconds / 3_600_000
        // Back to an earlier hour there is no fresh count, but the next hour brings one: a clock that once stood in
        // another century must not silence the stream until then.
        if now > hour { taken = 0 }
        hour = now
        guard taken < limit else { return false }
        taken += 1
        return true
    }
}
