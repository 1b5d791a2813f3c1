import SedgeCore

/// All that people taught about a stream, and what follows for a step.
///
/// Made anew from the stored feedback whenever one comes or goes, so that what is revoked leaves nothing behind.
package struct Lessons: Sendable, Equatable {
    /// What people said of steps like this one.
    package enum Ruling: Sendable, Equatable {
        case normal, anomaly
    }

    private var verdicts: [Lesson] = []
    private var names: [Int: String] = [:]
    /// Steps for which what looked normal may look a little less so: one step beyond reach is no event.
    private var grace = 0
    /// Tells a step's label; nil where there are none.
    private(set) var head: LabelHead?

    /// Verdicts that every step is compared with, the newest: bounds the time of a step.
    private static let limit = 16
    /// Relative distance at which a step within grace still counts as alike, and for how many steps.
    private static let graceDistance: Float = 3
    private static let graceSteps = 8

    package init() {}

    /// - Parameters:
    ///   - lessons: in the order in which they were taught; of two names for one state the later counts.
    ///   - shipped: what a bundle knows of labels.
    package init(_ lessons: [Lesson], shipped: LabelStatistics? = nil) {
        var statistics = shipped
        for lesson in lessons {
            guard case .label(let name) = lesson.kind else {
                verdicts.append(lesson)
                continue
            }
            if let state = lesson.state { names[state] = name }
            let examples = lesson.examples
            if statistics == nil { statistics = LabelStatistics(dimension: examples.dimension) }
            statistics?.observe(examples, label: name)
        }
        head = statistics.flatMap { LabelHead($0) }
        verdicts = verdicts.suffix(Self.limit)
    }

    package var isEmpty: Bool { verdicts.isEmpty && names.isEmpty && head == nil }

    /// The name that people gave to a learned state.
    package func name(ofState number: Int) -> String? { names[number] }

    /// What the nearest example that the step looks like was called; nil where it looks like none.
    mutating func ruling(on vector: [Float]) -> Ruling? {
        guard !verdicts.isEmpty else { return nil }
        var nearest: (distance: Float, ruling: Ruling) = (.infinity, .normal)
        for lesson in verdicts {
            let distance = lesson.examples.relativeDistance(to: vector)
            if distance < nearest.distance { nearest = (distance, lesson.kind == .normal ? .normal : .anomaly) }
        }
        let isAlike = nearest.distance <= 1
        if isAlike, nearest.ruling == .normal { grace = Self.graceSteps }
        if isAlike { return nearest.ruling }
        guard grace > 0 else { return nil }
        grace -= 1
        return nearest.ruling == .normal && nearest.distance <= Self.graceDistance ? .normal : nil
    }

    /// Whether a person called something within this time an anomaly.
    func deniesNormality(of span: TimeSpan) -> Bool {
        verdicts.contains { $0.kind == .anomaly && $0.span.overlaps(span) }
    }
}
