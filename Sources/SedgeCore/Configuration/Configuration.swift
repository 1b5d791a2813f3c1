/// Everything an operator can set; TOML on disk, JSON in envelopes, the same keys in both.
///
/// Decoding is strict: an unknown key, a wrong type or an impossible value throws `ConfigurationError`.
package struct Configuration: Codable, Sendable, Equatable {
    package var node: NodeID
    package var mqtt: BrokerConfiguration
    package var store: StoreConfiguration
    package var inference: InferenceConfiguration
    package var adaptation: AdaptationConfiguration
    package var control: ControlConfiguration
    package var streams: [StreamConfiguration]

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case node, mqtt, store, inference, adaptation, control
        case streams = "stream"
    }

    package init(from decoder: any Decoder) throws {
        let container = try StrictContainer(decoder, keys: CodingKeys.self)
        node = try container.require(.node)
        mqtt = try container.value(.mqtt, default: BrokerConfiguration())
        store = try container.value(.store, default: StoreConfiguration())
        inference = try container.value(.inference, default: InferenceConfiguration())
        adaptation = try container.value(.adaptation, default: AdaptationConfiguration())
        control = try container.value(.control, default: ControlConfiguration())
        streams = try container.value(.streams, default: [])
    }
}
