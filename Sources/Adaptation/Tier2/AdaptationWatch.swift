/// Compares what two scorers say of the same steps: the adapted one and the one on the frozen encoder.
struct AdaptationWatch: Sendable, Equatable {
    /// One scorer's alarms and p-values.
    struct Tally: Sendable, Equatable {
        var steps = 0
        var alarms = 0
        var counts = [Int](repeating: 0, count: limits.count)

        /// Where the shares of p-values below are compared with what they should be.
        static let limits = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75]

        mutating func add(_ verdict: LearnerVerdict) {
            if case .start = verdict.alarm { alarms += 1 }
            guard verdict.isCalibrated else { return }
            steps += 1
            for (index, limit) in Self.limits.enumerated() where verdict.pValue <= limit { counts[index] += 1 }
        }

        /// The largest distance of p-values' distribution from an even one (Kolmogorov, 1933), at `limits`.
        var unevenness: Double {
            guard steps > 0 else { return 0 }
            return zip(counts, Self.limits).reduce(0) { max($0, abs(Double($1.0) / Double(steps) - $1.1)) }
        }

        /// Share of p-values at most 0.01.
        var extreme: Double { steps > 0 ? Double(counts[0]) / Double(steps) : 0 }
    }

    private(set) var adapted = Tally()
    private(set) var frozen = Tally()
    private(set) var steps = 0

    /// Alarms beyond the frozen scorer's that are one too many, and those missing.
    private static let excess = 2
    /// How much less even p-values may be.
    private static let tolerance = 0.1
    /// How many times as many of them may be extreme.
    private static let extremeFactor = 3.0

    mutating func add(adapted verdict: LearnerVerdict, frozen reference: LearnerVerdict) {
        steps += 1
        adapted.add(verdict)
        frozen.add(reference)
    }

    /// What speaks against the adapted scorer by now, at any step.
    var objection: AdaptationDecision.Reason? { adapted.alarms >= frozen.alarms + Self.excess ? .alarms : nil }

    /// The same over a whole stretch of steps.
    var verdict: AdaptationDecision.Reason? {
        if let objection { return objection }
        if frozen.alarms >= adapted.alarms + Self.excess { return .missed }
        if adapted.unevenness > frozen.unevenness + Self.tolerance { return .pValues }
        if adapted.extreme > Self.extremeFactor * max(frozen.extreme, 0.01) { return .pValues }
        return nil
    }

    func write(into figures: inout AdaptationFigures) {
        figures.watched = steps
        figures.alarms = adapted.alarms
        figures.alarmsFrozen = frozen.alarms
        figures.unevenness = adapted.unevenness
        figures.unevennessFrozen = frozen.unevenness
    }
}
