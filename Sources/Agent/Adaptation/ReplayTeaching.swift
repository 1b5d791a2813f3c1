import Adaptation
import SedgeCore
import Store

/// What people said of the time that replay was recorded in: which segments have a label, and which must not be trained
/// on. Made anew for every round from what is stored, so that what is taken back leaves nothing behind. Pure.
struct ReplayTeaching {
    private let labels: [(name: String, span: TimeSpan)]
    private let anomalies: [TimeSpan]
    /// Names of learned states.
    private let states: [String: String]

    /// - Parameter feedback: of one stream, in the order in which it came; of two names for a state the later counts.
    init(_ feedback: [StoredFeedback]) {
        let active = feedback.filter { $0.revokedBy == nil }
        let named = active.filter { $0.kind == .label }
        labels = named.compactMap { entry in entry.name.map { ($0, entry.span) } }
        anomalies = active.filter { $0.kind == .anomaly }.map(\.span)
        states = named.reduce(into: [:]) { states, entry in
            if let state = entry.state { states["state-\(state)"] = entry.name }
        }
    }

    /// Whether a person called something within this time an anomaly.
    func forbids(_ segment: ReplaySegment) -> Bool {
        let span = TimeSpan(from: segment.start, to: segment.end)
        return anomalies.contains { $0.overlaps(span) }
    }

    /// The label that covers most of a segment, or else the name of the state that it was recorded in.
    /// - Parameter coverage: what the segment is an example of: a state and a channel.
    func label(of segment: ReplaySegment, coverage: String) -> String? {
        let length = segment.end.microseconds - segment.start.microseconds
        for label in labels.reversed() {
            let begin = max(label.span.from.microseconds, segment.start.microseconds)
            let end = min(label.span.to.microseconds, segment.end.microseconds)
            if end >= begin, 2 * (end - begin) >= length { return label.name }
        }
        let state = coverage.prefix { $0 != "/" }
        return states[String(state)]
    }
}
