/// `[control]`: who may change this node from afar.
package struct ControlConfiguration: Codable, Sendable, Equatable {
    /// `ed25519:<base64>` each.
    package var trustedKeys: [String] = []
    package var canarySeconds = 60

    package init() {}

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case trustedKeys = "trusted_keys"
        case canarySeconds = "canary_seconds"
    }

    package init(from decoder: any Decoder) throws {
        let container = try StrictContainer(decoder, keys: CodingKeys.self)
        trustedKeys = try container.value(.trustedKeys, default: trustedKeys)
        for key in trustedKeys where !key.hasPrefix("ed25519:") {
            throw container.error(.trustedKeys, found: "\"\(key.prefix(16))…\"", expected: "ed25519:<base64> each")
        }
        canarySeconds = try container.value(.canarySeconds, default: canarySeconds, in: 1...86_400, unit: "seconds")
    }
}
