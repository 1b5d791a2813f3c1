/// What differs between two configurations, and what that means for an agent that runs. Pure.
///
/// A stream is the same stream in both when it has the same topic pattern, or the same `id`.
package struct ConfigurationChange: Sendable, Equatable {
    /// One key that differs; nil where it is not set.
    package struct Setting: Sendable, Equatable {
        package let path: String
        package let from: String?
        package let to: String?
    }

    /// A `[[stream]]` that stands in both.
    package struct Stream: Sendable, Equatable {
        package let topic: String
        package let settings: [Setting]
        /// Whether what was learned of it is of no use under the new configuration.
        package let restarts: Bool
    }

    /// Outside of `[[stream]]`, by path.
    package let settings: [Setting]
    /// Topic patterns, as all that follow.
    package let added: [String]
    package let removed: [String]
    package let changed: [Stream]

    package init(from old: Configuration, to new: Configuration) {
        settings = Self.differences(old.leaves, new.leaves)
        let pairs = new.streams.map { stream in (stream, old.streams.first { $0.isSame(as: stream) }) }
        added = pairs.filter { $0.1 == nil }.map(\.0.topic)
        removed = old.streams.filter { stream in !new.streams.contains { $0.isSame(as: stream) } }.map(\.topic)
        changed = pairs.compactMap { new, old in
            guard let old, old != new else { return nil }
            return Stream(
                topic: new.topic, settings: Self.differences(old.leaves, new.leaves),
                restarts: old.shape != new.shape || old.bundle != new.bundle)
        }
    }

    /// Nothing but, perhaps, the order of streams.
    package var isEmpty: Bool { settings.isEmpty && added.isEmpty && removed.isEmpty && changed.isEmpty }

    /// Keys that an agent reads when it starts and never again.
    package var needsRestart: [String] { settings.map(\.path).filter(Self.fixed.contains) }

    /// Whether another connection to a broker is needed.
    package var reconnects: Bool {
        settings.contains { $0.path.hasPrefix("mqtt.") && !Self.liveBrokerKeys.contains($0.path) }
    }

    private static let fixed: Set = ["node", "store.path", "mqtt.base_topic", "mqtt.discovery_prefix"]
    private static let liveBrokerKeys: Set = [
        "mqtt.base_topic", "mqtt.discovery_prefix", "mqtt.sample_qos", "mqtt.state_interval_ms",
        "mqtt.health_interval_s", "mqtt.backfill_per_second",
    ]

    private static func differences(_ old: [String: String], _ new: [String: String]) -> [Setting] {
        Set(old.keys).union(new.keys).sorted().compactMap { path in
            old[path] == new[path] ? nil : Setting(path: path, from: old[path], to: new[path])
        }
    }
}

extension ConfigurationChange: CustomStringConvertible {
    /// One line: `adaptation.alarms_per_week 1 → 2; stream a/{stream} added; stream b/{stream}: hop 8 → 4, restarts`.
    package var description: String {
        let parts =
            settings.map { "\($0)" } + added.map { "stream \($0) added" } + removed.map { "stream \($0) removed" }
            + changed.map { stream in
                "stream \(stream.topic): " + stream.settings.map { "\($0)" }.joined(separator: ", ")
                    + (stream.restarts ? ", restarts" : "")
            }
        return parts.isEmpty ? "nothing" : parts.joined(separator: "; ")
    }
}

extension ConfigurationChange.Setting: CustomStringConvertible {
    package var description: String { "\(path) \(from ?? "nothing") → \(to ?? "nothing")" }
}

extension Configuration {
    /// Every value outside of `[[stream]]`, by its dotted path.
    package var leaves: [String: String] { tree(of: self).leaves().filter { $0.key != "stream" } }
}

extension StreamConfiguration {
    /// Every value, by its dotted path.
    package var leaves: [String: String] { tree(of: self).leaves() }

    fileprivate func isSame(as other: StreamConfiguration) -> Bool {
        topic == other.topic || (id != nil && id == other.id)
    }
}

private func tree(of value: some Encodable) -> JSONTree {
    (try? PayloadJSON.decode(JSONTree.self, from: PayloadJSON.encode(value))) ?? .null
}
