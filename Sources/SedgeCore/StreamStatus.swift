/// Where a stream is in its life.
package enum StreamPhase: String, Codable, Sendable {
    /// Scores are not calibrated yet.
    case learning
    case ready
    /// In a maintenance window: learns nothing, alarms nothing.
    case muted
    /// No sample for too long.
    case stale
}

/// The latest of a stream, flat: the retained payload of `state/<stream>`.
///
/// Every key is always there; what is not known is null, so templates never miss a key.
package struct StreamStatus: Encodable, Sendable, Equatable {
    package var v = 1
    package var ts: Timestamp
    package var phase: StreamPhase
    package var score: Double?
    package var eventScore: Double?
    package var pValue: Double?
    package var anomaly: Bool
    package var state: String?
    package var label: String?
    package var drift: Bool?
    package var forecast: Double?
    package var model: String?
    package var config: String?

    package init(ts: Timestamp, phase: StreamPhase, anomaly: Bool = false) {
        self.ts = ts
        self.phase = phase
        self.anomaly = anomaly
    }

    private enum CodingKeys: String, CodingKey {
        case v, ts, phase, score
        case eventScore = "event_score"
        case pValue = "p_value"
        case anomaly, state, label, drift, forecast, model, config
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(v, forKey: .v)
        try container.encode(ts, forKey: .ts)
        try container.encode(phase, forKey: .phase)
        try container.encode(score, forKey: .score)
        try container.encode(eventScore, forKey: .eventScore)
        try container.encode(pValue, forKey: .pValue)
        try container.encode(anomaly ? "ON" : "OFF", forKey: .anomaly)
        try container.encode(state, forKey: .state)
        try container.encode(label, forKey: .label)
        try container.encode(drift.map { $0 ? "ON" : "OFF" }, forKey: .drift)
        try container.encode(forecast, forKey: .forecast)
        try container.encode(model, forKey: .model)
        try container.encode(config, forKey: .config)
    }
}
