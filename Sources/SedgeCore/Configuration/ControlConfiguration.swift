/// `[control]`: who may change this node from afar.
package struct ControlConfiguration: Codable, Sendable, Equatable {
    /// `ed25519:<base64>` each.
    package var trustedKeys: [String] = []
    /// How long a change is watched before it stays.
    package var canarySeconds = 60
    /// Percent of one core that a change may take beside what was usual.
    package var canaryCPUPercent = 50
    /// Megabytes by which memory may grow.
    package var canaryMemoryMB = 64
    /// Anomalies that may begin, whatever was usual.
    package var canaryAlarms = 5
    /// Groups that this node is in; what a later one is sent lies over what an earlier one is.
    package var groups: [String] = []

    package init() {}

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case trustedKeys = "trusted_keys"
        case canarySeconds = "canary_seconds"
        case canaryCPUPercent = "canary_cpu_percent"
        case canaryMemoryMB = "canary_memory_mb"
        case canaryAlarms = "canary_alarms"
        case groups
    }

    package init(from decoder: any Decoder) throws {
        let container = try StrictContainer(decoder, keys: CodingKeys.self)
        trustedKeys = try container.value(.trustedKeys, default: trustedKeys)
        for key in trustedKeys where !key.hasPrefix("ed25519:") {
            throw container.error(.trustedKeys, found: "\"\(key.prefix(16))\"", expected: "ed25519:<base64> each")
        }
        canarySeconds = try container.value(.canarySeconds, default: canarySeconds, in: 1...86_400, unit: "seconds")
        canaryCPUPercent = try container.value(.canaryCPUPercent, default: canaryCPUPercent, in: 1...10_000)
        canaryMemoryMB = try container.value(.canaryMemoryMB, default: canaryMemoryMB, in: 1...1_048_576)
        canaryAlarms = try container.value(.canaryAlarms, default: canaryAlarms, in: 0...1_000_000)
        groups = try container.value(.groups, default: groups)
        for (index, group) in groups.enumerated() {
            guard (try? Identifier<Self>(group)) != nil, !Self.reserved.contains(group),
                !groups[..<index].contains(group)
            else {
                throw container.error(
                    .groups, found: "\"\(group.prefix(64))\"",
                    expected: "each group once, 1 to 64 characters of A-Z a-z 0-9 _ -, "
                        + "and not \(Self.reserved.joined(separator: ", "))")
            }
        }
    }

    /// Every node's group, and what a node called "group" has in the place of a group's name in its topics.
    private static let reserved = ["all", "config", "model", "keys"]
}
