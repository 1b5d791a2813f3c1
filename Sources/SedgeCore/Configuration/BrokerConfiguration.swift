/// `[mqtt]`: the broker that samples come from, and how insights go out.
package struct BrokerConfiguration: Codable, Sendable, Equatable {
    package var connection = BrokerConnection()
    /// First level of every topic of ours.
    package var baseTopic = "sedge"
    /// Where Home Assistant listens; empty: no discovery.
    package var discoveryPrefix = "homeassistant"
    /// QoS of the subscriptions to samples.
    package var sampleQoS = 0
    /// Shortest time between two states of a stream, unless something changed.
    package var stateIntervalMS = 1000
    package var healthIntervalS = 10
    /// Backlogged insights a second after an outage.
    package var backfillPerSecond = 20
    /// `[mqtt.publish]`: another broker for all that goes out.
    package var publish: BrokerConnection?

    package init() {}

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case baseTopic = "base_topic"
        case discoveryPrefix = "discovery_prefix"
        case sampleQoS = "sample_qos"
        case stateIntervalMS = "state_interval_ms"
        case healthIntervalS = "health_interval_s"
        case backfillPerSecond = "backfill_per_second"
        case publish
    }

    /// The connection's keys stand in the same table.
    private struct AllKeys: CodingKey, CaseIterable {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
        static let allCases =
            (CodingKeys.allCases.map(\.stringValue) + BrokerConnection.keys).map(Self.init(stringValue:))
    }

    package init(from decoder: any Decoder) throws {
        _ = try StrictContainer(decoder, keys: AllKeys.self)
        connection = try BrokerConnection(sharing: decoder)
        let container = try StrictContainer(decoder, keys: AllKeys.self)
        func key(_ key: CodingKeys) -> AllKeys { AllKeys(stringValue: key.stringValue) }
        baseTopic = try container.value(key(.baseTopic), default: baseTopic)
        let isTopic = { (topic: String) in
            !topic.utf8.contains { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "#") || $0 == 0 }
                && topic.utf8.count <= 128
        }
        guard isTopic(baseTopic), !baseTopic.isEmpty else {
            throw container.error(
                key(.baseTopic), found: "\"\(baseTopic)\"", expected: "1 to 128 bytes of topic without + and #")
        }
        discoveryPrefix = try container.value(key(.discoveryPrefix), default: discoveryPrefix)
        guard isTopic(discoveryPrefix) else {
            throw container.error(
                key(.discoveryPrefix), found: "\"\(discoveryPrefix)\"", expected: "a topic without + and #")
        }
        sampleQoS = try container.value(key(.sampleQoS), default: sampleQoS, in: 0...1)
        stateIntervalMS = try container.value(
            key(.stateIntervalMS), default: stateIntervalMS, in: 0...3_600_000, unit: "milliseconds")
        healthIntervalS = try container.value(
            key(.healthIntervalS), default: healthIntervalS, in: 1...3600, unit: "seconds")
        backfillPerSecond = try container.value(
            key(.backfillPerSecond), default: backfillPerSecond, in: 1...1000, unit: "messages a second")
        publish = try container.optional(key(.publish))
    }

    package func encode(to encoder: any Encoder) throws {
        try connection.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(baseTopic, forKey: .baseTopic)
        try container.encode(discoveryPrefix, forKey: .discoveryPrefix)
        try container.encode(sampleQoS, forKey: .sampleQoS)
        try container.encode(stateIntervalMS, forKey: .stateIntervalMS)
        try container.encode(healthIntervalS, forKey: .healthIntervalS)
        try container.encode(backfillPerSecond, forKey: .backfillPerSecond)
        try container.encodeIfPresent(publish, forKey: .publish)
    }
}
