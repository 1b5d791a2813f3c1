package import SedgeCore

/// Builds the payload of Home Assistant's device discovery (the MQTT integration's "device discovery payload",
/// Home Assistant 2024.11 and later): one retained message for the node with all its entities.
///
/// Availability is the node's alone, and nothing expires: a stream that falls silent says so itself, as `stale`.
package struct HomeAssistantDiscovery: Sendable {
    /// A stream with what it may say.
    package struct Stream: Sendable, Equatable {
        package let id: StreamID
        package let insights: Set<InsightKind>

        package init(id: StreamID, insights: Set<InsightKind>) {
            self.id = id
            self.insights = insights
        }
    }

    /// Home Assistant's discovery prefix, `homeassistant` unless changed there.
    package let prefix: String
    package let topics: Topics
    /// The agent's version.
    package let version: String

    package init(topics: Topics, version: String, prefix: String = "homeassistant") {
        self.topics = topics
        self.version = version
        self.prefix = prefix
    }

    /// Where the payload goes, retained, QoS 1. An empty payload removes the node.
    package var topic: String { "\(prefix)/device/\(topics.node)/config" }

    /// Where Home Assistant says `online` when it has started.
    package var statusTopic: String { "\(prefix)/status" }

    /// What is not there, and may have been, is listed with its platform alone: only that removes an entity.
    ///
    /// - Parameter removed: streams that are gone. Publish such a payload once; the next may leave them out.
    /// - Parameter takesModels: whether models can be sent to the node: it has an entity for that then.
    /// - Parameter offered: the version of a model that lies ready: what the update entity's button sends.
    package func payload(
        streams: [Stream], removed: [StreamID] = [], takesModels: Bool = false, offered: Int64? = nil
    ) -> [UInt8] {
        var components = nodeComponents
        components["node_model"] = takesModels ? modelComponent(offered) : DiscoveryComponent(platform: "update")
        for stream in removed { components.merge(Self.removal(of: stream)) { _, new in new } }
        for stream in streams { components.merge(self.components(of: stream)) { _, new in new } }
        let node = topics.node.description
        return PayloadJSON.encode(
            DiscoveryPayload(
                device: .init(identifiers: ["sedge_\(node)"], name: node, softwareVersion: version),
                origin: .init(softwareVersion: version), availability: [.init(topic: topics.availability)],
                components: components))
    }

    /// Every entity that a stream may have ever had, by the end of its key.
    private static let streamPlatforms = [
        "score": "sensor", "anomaly": "binary_sensor", "state": "sensor", "phase": "sensor", "event": "event",
        "not_anomaly": "button", "label": "sensor", "forecast": "sensor",
    ]

    private static func removal(of stream: StreamID) -> [String: DiscoveryComponent] {
        var result: [String: DiscoveryComponent] = [:]
        for (suffix, platform) in streamPlatforms {
            result["\(stream)_\(suffix)"] = DiscoveryComponent(platform: platform)
        }
        return result
    }

    private func components(of stream: Stream) -> [String: DiscoveryComponent] {
        let id = stream.id.description
        var result = Self.removal(of: stream.id)
        func add(_ suffix: String, _ name: String, _ fill: (inout DiscoveryComponent) -> Void) {
            var component = DiscoveryComponent(platform: Self.streamPlatforms[suffix]!)
            component.uniqueID = uniqueID("\(id)_\(suffix)")
            component.name = "\(id) \(name)"
            if component.platform != "button" { component.stateTopic = topics.state(stream.id) }
            fill(&component)
            result["\(id)_\(suffix)"] = component
        }
        // A null in the payload renders as "None", which Home Assistant reads as unknown.
        add("score", "score") {
            $0.valueTemplate = "{{ value_json.score }}"
            $0.stateClass = "measurement"
            $0.precision = 2
        }
        add("phase", "phase") {
            $0.valueTemplate = "{{ value_json.phase }}"
            $0.deviceClass = "enum"
            $0.options = [StreamPhase.learning, .ready, .muted, .stale].map(\.rawValue)
            $0.category = "diagnostic"
        }
        if stream.insights.contains(.anomaly) {
            add("anomaly", "anomaly") {
                $0.valueTemplate = "{{ value_json.anomaly }}"
                $0.deviceClass = "problem"
            }
            add("not_anomaly", "not an anomaly") {
                $0.commandTopic = topics.feedback(stream.id)
                $0.commandTemplate = Self.notAnomalyTemplate
            }
        }
        if stream.insights.contains(.state) {
            // States are learned, so there is no list of them for an enum.
            add("state", "state") { $0.valueTemplate = "{{ value_json.state }}" }
        }
        if stream.insights.contains(.label) {
            add("label", "label") { $0.valueTemplate = "{{ value_json.label }}" }
        }
        if stream.insights.contains(.forecast) {
            add("forecast", "forecast") {
                $0.valueTemplate = "{{ value_json.forecast }}"
                $0.stateClass = "measurement"
            }
        }
        if !stream.insights.isEmpty {
            add("event", "insight") {
                $0.stateTopic = topics.insights(stream.id)
                $0.eventTypes = [InsightPhase.start, .update, .end, .point].map(\.rawValue)
                $0.valueTemplate = Self.eventTemplate
            }
        }
        return result
    }

    /// Home Assistant wants `event_type`; the rest become attributes. An insight leaves out what it does not know,
    /// and an undefined value would break `to_json`.
    private static let eventTemplate =
        "{{ {'event_type': value_json.phase"
        + ["kind", "severity", "score", "detail", "id", "ts"]
        .map { ", '\($0)': value_json.\($0) | default(none)" }.joined()
        + "} | to_json }}"

    /// Each press is a feedback of its own, so its id is the time.
    private static let notAnomalyTemplate =
        "{{ {'id': 'ha-' ~ (now().timestamp() * 1000) | int, 'insight': 'last', 'verdict': 'normal'} | to_json }}"

    private var nodeComponents: [String: DiscoveryComponent] {
        var result: [String: DiscoveryComponent] = [:]
        func add(_ key: HealthKey, _ name: String, _ fill: (inout DiscoveryComponent) -> Void) {
            var component = DiscoveryComponent(platform: "sensor")
            component.uniqueID = uniqueID("node_\(key.rawValue)")
            component.name = name
            component.stateTopic = topics.health
            component.valueTemplate = "{{ value_json.\(key.rawValue) }}"
            component.category = "diagnostic"
            fill(&component)
            result["node_\(key.rawValue)"] = component
        }
        add(.uptime, "Uptime") {
            $0.deviceClass = "duration"
            $0.unit = "s"
            $0.stateClass = "total_increasing"
        }
        add(.memory, "Memory") {
            $0.deviceClass = "data_size"
            $0.unit = "B"
            $0.stateClass = "measurement"
        }
        add(.queueDepth, "Queue depth") { $0.stateClass = "measurement" }
        add(.dropped, "Dropped messages") { $0.stateClass = "total_increasing" }
        add(.messageRate, "Messages") {
            $0.unit = "msg/s"
            $0.stateClass = "measurement"
            $0.precision = 1
        }
        return result
    }

    /// Says which model is in force and which one lies ready; its button starts that one.
    private func modelComponent(_ offered: Int64?) -> DiscoveryComponent {
        var component = DiscoveryComponent(platform: "update")
        component.uniqueID = uniqueID("node_model")
        component.name = "Model"
        component.stateTopic = "\(topics.base)/\(topics.node)/model/reported"
        component.valueTemplate = Self.modelTemplate
        component.category = "config"
        component.commandTopic = "\(topics.base)/\(topics.node)/model/apply"
        component.installPayload = "\(offered ?? 0)"
        return component
    }

    private static let modelTemplate =
        "{{ {'installed_version': value_json.installed | default('unknown', true), "
        + "'latest_version': value_json.available | default(value_json.installed, true) | default('unknown', true), "
        + "'in_progress': value_json.status == 'canary'} | to_json }}"

    private func uniqueID(_ suffix: String) -> String { "sedge_\(topics.node)_\(suffix)" }
}

/// Keys of the `health` payload that discovery refers to.
package enum HealthKey: String, Sendable, CaseIterable {
    case uptime = "uptime_s"
    case memory = "rss_bytes"
    case queueDepth = "queue_depth"
    case dropped = "dropped_total"
    case messageRate = "messages_per_second"
}
