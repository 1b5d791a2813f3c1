import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Decides when scores are an alarm: one alarm an event, at a threshold that follows from a rate of false alarms.
///
/// It starts at the first score above the threshold and ends when scores have stayed below two thirds of it for
/// `quietSteps`; only then can the next begin. The threshold is the score whose probability, times the share of
/// excesses that begin a run (the extremal index), times steps a week, is `alarmsPerWeek`.
struct AnomalyAlarm: Sendable, Equatable {
    let alarmsPerWeek: Double
    /// Between steps as they come now.
    var stepSeconds: Double
    private(set) var event: AlarmEvent?
    private var quiet = 0
    /// Steps above the lower threshold in this event.
    private var unusual = 0
    private var sinceTold = 0
    private var toldSeverity = 0.0
    private var riseBegan: Timestamp?
    /// Whether the alarm is beyond what chance does now and then: far above the threshold, or lasting.
    private(set) var isConfirmed = false
    /// Steps since the alarm started; 0 without one.
    private(set) var age = 0

    /// Ordinary steps in a row that end an alarm.
    static let quietSteps = 50
    /// Decades beyond the threshold, or unusual steps, that confirm an alarm.
    private static let confirmingRise = 1.0
    private static let confirmingSteps = 64
    /// The lower threshold, as a share of the one that starts an alarm.
    private static let lowerShare = 2.0 / 3
    /// Updates come at least this many steps apart, and only when severity rose by `updateRise`…
    private static let updateGap = 8
    private static let updateRise = 0.1
    /// …or after this many steps without one.
    private static let updateInterval = 512
    /// However many alarms are asked for, a step that one in so many ordinary ones resembles is none.
    private static let greatestP = 1e-3

    init(alarmsPerWeek: Double, stepSeconds: Double) {
        self.alarmsPerWeek = max(1e-6, alarmsPerWeek)
        self.stepSeconds = stepSeconds
    }

    /// The score at which an alarm starts: −log10 of the tail probability a step.
    func threshold(extremalIndex: Double) -> Double {
        let perStep = alarmsPerWeek * max(1e-6, stepSeconds) / 604_800
        return min(29, -log10(min(Self.greatestP, perStep / extremalIndex)))
    }

    /// - Parameter mayStart: false where scores mean nothing yet or are to be ignored; a running alarm goes on.
    mutating func observe(time: Timestamp, score: Double, extremalIndex: Double, mayStart: Bool) -> AlarmTransition? {
        let threshold = threshold(extremalIndex: extremalIndex)
        let isUnusual = score >= Self.lowerShare * threshold
        if isUnusual {
            if riseBegan == nil { riseBegan = time }
        } else if event == nil {
            riseBegan = nil
        }
        guard var current = event else {
            guard mayStart, score >= threshold else { return nil }
            unusual = 1
            // A source's clock that was set back ends nothing before it began.
            let start = riseBegan ?? time
            var started = AlarmEvent(start: start, end: max(start, time), severity: 0, peakScore: score)
            started.severity = severity(started, threshold)
            (event, quiet, sinceTold, toldSeverity, age) = (started, 0, 0, started.severity, 1)
            isConfirmed = score >= threshold + Self.confirmingRise
            return .start(started)
        }
        age += 1
        sinceTold += 1
        if isUnusual {
            quiet = 0
            unusual += 1
            current.end = max(current.start, time)
            current.peakScore = max(current.peakScore, score)
            isConfirmed =
                isConfirmed || score >= threshold + Self.confirmingRise || unusual >= Self.confirmingSteps
            current.severity = max(current.severity, severity(current, threshold))
        } else {
            quiet += 1
        }
        guard quiet < Self.quietSteps else {
            (event, riseBegan, age, isConfirmed) = (nil, nil, 0, false)
            return .end(current)
        }
        event = current
        let rose = current.severity >= toldSeverity + Self.updateRise && sinceTold >= Self.updateGap
        guard rose || sinceTold >= Self.updateInterval else { return nil }
        (sinceTold, toldSeverity) = (0, current.severity)
        return .update(current)
    }

    /// 0.25 at the threshold; the distance to 1 halves for every four decades of probability beyond it, and for every
    /// sixteen-fold of the number of unusual steps.
    private func severity(_ event: AlarmEvent, _ threshold: Double) -> Double {
        let decades = max(0, event.peakScore - threshold)
        return 1 - 0.75 * exp2(-(decades + log2(Double(unusual))) / 4)
    }

    func write(to writer: inout SnapshotWriter) {
        writer.write(event != nil)
        writer.write((event?.start ?? Timestamp(microseconds: 0)).microseconds)
        writer.write((event?.end ?? Timestamp(microseconds: 0)).microseconds)
        writer.write(event?.severity ?? 0)
        writer.write(event?.peakScore ?? 0)
        for value in [quiet, unusual, sinceTold, age] { writer.write(Int64(value)) }
        writer.write(toldSeverity)
        writer.write(isConfirmed)
        writer.write(riseBegan != nil)
        writer.write((riseBegan ?? Timestamp(microseconds: 0)).microseconds)
    }

    mutating func read(from reader: inout SnapshotReader) throws(SnapshotError) {
        let hasEvent = try reader.readBool()
        let start = Timestamp(microseconds: try reader.read(Int64.self))
        let end = Timestamp(microseconds: try reader.read(Int64.self))
        let severity = try reader.readFinite("severity", in: 0...1)
        let peak = try reader.readFinite("peak score", in: 0...30)
        event = hasEvent ? AlarmEvent(start: start, end: end, severity: severity, peakScore: peak) : nil
        quiet = try reader.readInteger("quiet steps", in: 0...Self.quietSteps)
        unusual = try reader.readInteger("unusual steps", in: 0...Int.max)
        sinceTold = try reader.readInteger("steps since the last update", in: 0...Int.max)
        age = try reader.readInteger("age of an alarm", in: 0...Int.max)
        toldSeverity = try reader.readFinite("severity", in: 0...1)
        isConfirmed = try reader.readBool()
        let hasRise = try reader.readBool()
        let rise = Timestamp(microseconds: try reader.read(Int64.self))
        riseBegan = hasRise ? rise : nil
    }
}
