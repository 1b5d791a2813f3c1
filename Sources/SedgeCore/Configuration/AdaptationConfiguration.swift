/// `[adaptation]`: what the agent may learn, and how often it may be wrong.
package struct AdaptationConfiguration: Codable, Sendable, Equatable {
    /// False freezes all learners where they are; frozen ones start no alarm.
    package var enabled = true
    /// Retraining of the encoder's last block in idle time.
    package var tier2 = false
    /// Whose the retrained block is.
    package var scope = AdaptationScope.stream
    /// Of one core, for retraining.
    package var cpuBudgetPercent = 10
    /// The one knob: expected false alarms a stream.
    package var alarmsPerWeek = 1.0

    package init() {}

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case enabled, tier2, scope
        case cpuBudgetPercent = "cpu_budget_percent"
        case alarmsPerWeek = "alarms_per_week"
    }

    package init(from decoder: any Decoder) throws {
        let container = try StrictContainer(decoder, keys: CodingKeys.self)
        enabled = try container.value(.enabled, default: enabled)
        tier2 = try container.value(.tier2, default: tier2)
        scope = try container.value(.scope, default: scope)
        cpuBudgetPercent = try container.value(
            .cpuBudgetPercent, default: cpuBudgetPercent, in: 1...100, unit: "percent")
        alarmsPerWeek = try container.value(.alarmsPerWeek, default: alarmsPerWeek, in: 0.001...10_000)
    }
}
