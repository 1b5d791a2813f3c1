/// What an insight is about; the third level of its topic.
package enum InsightKind: String, Codable, Sendable, CaseIterable {
    case anomaly, state, label, drift, forecast, quality, adaptation
}

/// Where in its life an insight is: an event has a start, updates and an end; a point has none.
package enum InsightPhase: String, Codable, Sendable {
    case start, update, end, point
}

/// Whether the node's wall clock could be trusted when the insight was made.
package enum ClockQuality: String, Codable, Sendable {
    case synced, unsynced
}
