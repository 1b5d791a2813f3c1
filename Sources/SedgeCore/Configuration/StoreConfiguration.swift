/// `[store]`: the database and what it may cost.
package struct StoreConfiguration: Codable, Sendable, Equatable {
    package var path = "/var/lib/sedge/sedge.db"
    package var checkpointIntervalS = 300
    package var flashBudgetMBPerDay = 200
    package var retentionDays = 30
    package var retentionMB = 256

    package init() {}

    package var flashBudgetBytesPerDay: Int64 { Int64(flashBudgetMBPerDay) * 1_000_000 }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case path
        case checkpointIntervalS = "checkpoint_interval_s"
        case flashBudgetMBPerDay = "flash_budget_mb_per_day"
        case retentionDays = "retention_days"
        case retentionMB = "retention_mb"
    }

    package init(from decoder: any Decoder) throws {
        let container = try StrictContainer(decoder, keys: CodingKeys.self)
        path = try container.value(.path, default: path)
        guard !path.isEmpty else { throw container.error(.path, found: "\"\"", expected: "a file's path") }
        checkpointIntervalS = try container.value(
            .checkpointIntervalS, default: checkpointIntervalS, in: 10...86_400, unit: "seconds")
        flashBudgetMBPerDay = try container.value(
            .flashBudgetMBPerDay, default: flashBudgetMBPerDay, in: 1...1_000_000, unit: "MB")
        retentionDays = try container.value(.retentionDays, default: retentionDays, in: 1...3650, unit: "days")
        retentionMB = try container.value(.retentionMB, default: retentionMB, in: 1...1_000_000, unit: "MB")
    }
}
