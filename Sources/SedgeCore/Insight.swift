/// One thing the agent has to say about a stream: the payload of `insight/<kind>/<stream>`.
///
/// Messages of one event (start, updates, end) share `id`; `seq` differs in every message of a node.
/// Times are event time; the JSON form is `docs/schema/insight.json`.
package struct Insight: Codable, Sendable, Equatable {
    package var v = 1
    /// Names the event; feedback refers to it.
    package var id: String
    package var kind: InsightKind
    package var phase: InsightPhase
    package var node: NodeID
    package var stream: StreamID
    /// The event time of the step that caused this message.
    package var ts: Timestamp
    package var start: Timestamp?
    package var end: Timestamp?
    /// Counts the node's insights; given by the store when it commits, 0 before.
    package var seq: Int64 = 0
    package var bootID: String = ""
    /// 0 to 1.
    package var severity: Double?
    /// Decades of evidence that the stream is not itself, as in the state: about 1 on an ordinary step.
    package var score: Double?
    /// How large a share of ordinary steps is at least as unusual; for `drift`, the mean since its start.
    package var pValue: Double?
    /// How sure a label is, 0 to 1.
    package var confidence: Double?
    /// The state's name, for `state`; the label, for `label`; the flaw's, for `quality`; the decision, for `adaptation`.
    package var detail: String?
    /// The former detail, where there is one.
    package var previous: String?
    /// Why, for `adaptation`.
    package var reason: String?
    /// What it rests on, for `adaptation`: numbers by name.
    package var figures: [String: Double]?
    /// Share of each channel in the score; sums to 1. For `quality`: the channels that have the flaw, with equal shares.
    package var channels: [String: Double]?
    /// The samples that led to it.
    package var context: InsightContext?
    package var forecast: InsightForecast?
    package var model: String?
    package var config: String?
    package var clock: ClockQuality = .synced
    /// True on `backfill` alone.
    package var resend: Bool?

    package init(
        id: String, kind: InsightKind, phase: InsightPhase, node: NodeID, stream: StreamID, ts: Timestamp
    ) {
        self.id = id
        self.kind = kind
        self.phase = phase
        self.node = node
        self.stream = stream
        self.ts = ts
    }

    private enum CodingKeys: String, CodingKey {
        case v, id, kind, phase, node, stream, ts, start, end, seq
        case bootID = "boot_id"
        case severity, score
        case pValue = "p_value"
        case confidence, detail, previous, reason, figures, channels, context, forecast, model, config, clock, resend
    }
}

/// The last samples before an insight, oldest first: `samples[channel][i]` lies at `ts[i]`.
/// A sample that was missing is null.
package struct InsightContext: Codable, Sendable, Equatable {
    package var ts: [Timestamp]
    package var samples: [String: [Double?]]

    package init(ts: [Timestamp], samples: [String: [Double?]]) {
        self.ts = ts
        self.samples = samples
    }
}
