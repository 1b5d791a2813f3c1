import SedgeCore

/// A stream's state as any subscriber reads it; `docs/schema/state.json`.
struct StateReport: Decodable, Equatable, Sendable {
    /// Event time of the latest step.
    var ts: Timestamp
    var phase: StreamPhase
    var score: Double?
    var anomaly: String
    var model: String?
    var config: String?
}
