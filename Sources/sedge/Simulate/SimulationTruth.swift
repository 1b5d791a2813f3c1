import SedgeCore

/// What really happened in a simulation, as CSV: `stream,label,start,end`, times in unix milliseconds.
///
/// An `end` is empty where it has not come yet.
struct SimulationTruth: Equatable {
    struct Span: Equatable {
        let stream: String
        let label: String
        let start: Timestamp
        let end: Timestamp?
    }

    private(set) var spans: [Span] = []

    /// - Parameters:
    ///   - start: event time of the simulation's first sample.
    ///   - seconds: length of the simulation; nil where it has no end.
    init(
        wear: BearingWear?, worn: String, wearables: [(stream: String, model: WearableModel)], start: Timestamp,
        seconds: Double?
    ) {
        let limit = seconds ?? .infinity
        func time(_ seconds: Double) -> Timestamp { start + Int64((seconds * 1e6).rounded()) }
        if let wear, wear.start < limit {
            spans.append(
                Span(stream: worn, label: "bearing-wear", start: time(wear.start), end: seconds.map(time)))
        }
        for wearable in wearables {
            // Without an end, one hour is written down; after it, the model repeats itself.
            let length = min(limit, wearable.model.period)
            var offset = 0.0
            while offset < (seconds ?? length) {
                for segment in wearable.model.segments where offset + segment.start < (seconds ?? length) {
                    spans.append(
                        Span(
                            stream: wearable.stream, label: segment.activity.rawValue,
                            start: time(offset + segment.start), end: time(min(offset + segment.end, limit))))
                }
                offset += wearable.model.period
            }
        }
    }

    var csv: String {
        spans.reduce(into: "stream,label,start,end\n") { text, span in
            let end = span.end.map { "\($0.milliseconds)" } ?? ""
            text += "\(span.stream),\(span.label),\(span.start.milliseconds),\(end)\n"
        }
    }
}
