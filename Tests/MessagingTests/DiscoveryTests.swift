import FoundationEssentials
import Messaging
import SedgeCore
import Testing

@Suite struct DiscoveryTests {
    let topics = Topics(node: try! NodeID("gw-7"))
    let pump = try! StreamID("pump")

    private struct Component: Decodable, Equatable {
        let p: String
        let uniq_id, name, stat_t, val_tpl, dev_cla, stat_cla, unit_of_meas, ent_cat, cmd_t, cmd_tpl: String?
        let ops, evt_typ: [String]?

        /// Its platform alone.
        var isRemoval: Bool { uniq_id == nil && name == nil && stat_t == nil && val_tpl == nil && cmd_t == nil }
    }

    private struct Payload: Decodable {
        struct Device: Decodable { let ids: [String], name: String, mf: String, mdl: String, sw: String }
        struct Origin: Decodable { let name: String, sw: String }
        struct Availability: Decodable { let t: String }
        let dev: Device
        let o: Origin
        let avty: [Availability]
        let qos: Int
        let cmps: [String: Component]
    }

    private func payload(
        _ streams: [HomeAssistantDiscovery.Stream], removed: [StreamID] = []
    ) throws -> Payload {
        let discovery = HomeAssistantDiscovery(topics: topics, version: "1.2.3")
        return try PayloadJSON.decode(Payload.self, from: discovery.payload(streams: streams, removed: removed))
    }

    @Test func namesItsTopics() {
        let discovery = HomeAssistantDiscovery(topics: topics, version: "1", prefix: "ha")
        #expect(discovery.topic == "ha/device/gw-7/config")
        #expect(discovery.statusTopic == "ha/status")
    }

    @Test func describesTheDeviceAndItsAvailability() throws {
        let payload = try payload([])
        #expect(payload.dev.ids == ["sedge_gw-7"])
        #expect(payload.dev.sw == "1.2.3" && payload.o.sw == "1.2.3" && payload.o.name == "sedge")
        #expect(payload.avty.map(\.t) == ["sedge/gw-7/availability"])
        #expect(payload.qos == 1)
        let diagnostics = payload.cmps.filter { !$0.value.isRemoval }
        #expect(diagnostics.count == HealthKey.allCases.count)
        for component in diagnostics.values {
            #expect(component.p == "sensor" && component.ent_cat == "diagnostic")
            #expect(component.stat_t == "sedge/gw-7/health")
        }
        #expect(diagnostics["node_rss_bytes"]?.val_tpl == "{{ value_json.rss_bytes }}")
    }

    @Test func givesEveryEntityAPlatformAUniqueIDAndATopic() throws {
        let streams = ["a", "b", "c-1"].map {
            HomeAssistantDiscovery.Stream(id: try! StreamID($0), insights: Set(InsightKind.allCases))
        }
        let components = try payload(streams).cmps.filter { !$0.value.isRemoval }
        #expect(components.count == 3 * 8 + HealthKey.allCases.count)
        #expect(Set(components.values.map(\.uniq_id)).count == components.count)
        // What Home Assistant's platforms accept (its documentation of the MQTT sensors and of device classes).
        for (key, component) in components {
            #expect(["sensor", "binary_sensor", "event", "button"].contains(component.p), "\(key)")
            #expect(component.uniq_id != nil && component.name != nil, "\(key)")
            #expect((component.p == "button") == (component.stat_t == nil), "\(key)")
            #expect((component.p == "button") == (component.cmd_t != nil), "\(key)")
            // An enum has options and neither a state class nor a unit.
            #expect((component.dev_cla == "enum") == (component.ops != nil), "\(key)")
            if component.ops != nil { #expect(component.stat_cla == nil && component.unit_of_meas == nil) }
            #expect((component.p == "event") == (component.evt_typ != nil), "\(key)")
            #expect(component.ent_cat == nil || component.ent_cat == "diagnostic", "\(key)")
        }
    }

    @Test func describesAStreamsEntities() throws {
        let cmps = try payload([.init(id: pump, insights: [.anomaly, .state])]).cmps
        let state = "sedge/gw-7/state/pump"
        #expect(cmps["pump_score"]?.stat_t == state && cmps["pump_score"]?.stat_cla == "measurement")
        #expect(cmps["pump_anomaly"]?.p == "binary_sensor" && cmps["pump_anomaly"]?.dev_cla == "problem")
        #expect(cmps["pump_anomaly"]?.val_tpl == "{{ value_json.anomaly }}")
        #expect(cmps["pump_state"]?.val_tpl == "{{ value_json.state }}" && cmps["pump_state"]?.dev_cla == nil)
        #expect(cmps["pump_phase"]?.ops == ["learning", "ready", "muted", "stale"])
        #expect(cmps["pump_event"]?.stat_t == "sedge/gw-7/insight/+/pump")
        #expect(cmps["pump_event"]?.evt_typ == ["start", "update", "end", "point"])
        #expect(cmps["pump_event"]?.val_tpl?.hasPrefix("{{ {'event_type': value_json.phase, 'kind': ") == true)
        #expect(cmps["pump_event"]?.val_tpl?.hasSuffix("} | to_json }}") == true)
    }

    /// What Home Assistant makes of the button's template (its documentation of the MQTT button), done by hand.
    @Test func theButtonSendsFeedbackThatTheAgentUnderstands() throws {
        let button = try #require(try payload([.init(id: pump, insights: [.anomaly])]).cmps["pump_not_anomaly"])
        #expect(button.p == "button" && button.cmd_t == topics.feedback(pump))
        let template = try #require(button.cmd_tpl)
        #expect(template.hasPrefix("{{ {") && template.hasSuffix("} | to_json }}"))
        let sent = template.dropFirst(3).dropLast(" | to_json }}".count)
            .replacing("'ha-' ~ (now().timestamp() * 1000) | int", with: "'ha-1795397016393'")
            .replacing("'", with: "\"")
        let feedback = try Feedback(payload: Array(sent.utf8))
        #expect(feedback == Feedback(id: "ha-1795397016393", content: .verdict(.normal, .lastInsight)))
    }

    /// It may have said it before: Home Assistant keeps what is left out.
    @Test func removesWhatAStreamDoesNotSay() throws {
        let all = try payload([.init(id: pump, insights: Set(InsightKind.allCases))]).cmps
        let cmps = try payload([.init(id: pump, insights: [])]).cmps
        #expect(cmps.mapValues(\.p) == all.mapValues(\.p))
        let there = cmps.filter { $0.key.hasPrefix("pump") && !$0.value.isRemoval }
        #expect(Set(there.keys) == ["pump_score", "pump_phase"])
    }

    @Test func removesTheModelWhereNoneIsTaken() throws {
        let model = try #require(try payload([]).cmps["node_model"])
        #expect(model.p == "update" && model.isRemoval)
    }

    @Test func removesTheEntitiesOfAStreamThatIsGone() throws {
        let old = try StreamID("old")
        let before = try payload([.init(id: old, insights: Set(InsightKind.allCases))]).cmps
        let after = try payload([.init(id: pump, insights: [.anomaly])], removed: [old]).cmps
        for (key, component) in before where key.hasPrefix("old_") {
            let removal = try #require(after[key])
            #expect(removal.p == component.p)
            #expect(removal.uniq_id == nil && removal.stat_t == nil && removal.name == nil)
        }
        #expect(after["pump_score"]?.uniq_id != nil)
    }

    @Test func isTheSameBytesForTheSameStreams() {
        let discovery = HomeAssistantDiscovery(topics: topics, version: "1")
        let streams = [HomeAssistantDiscovery.Stream(id: pump, insights: Set(InsightKind.allCases))]
        #expect(discovery.payload(streams: streams) == discovery.payload(streams: streams))
    }
}
