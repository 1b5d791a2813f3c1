import SedgeCore
import Testing

@Suite struct ConfigurationChangeTests {
    private func configuration(_ rest: String, node: String = "n") throws -> Configuration {
        try Configuration(json: Array(#"{"node":"\#(node)"\#(rest.isEmpty ? "" : ",")\#(rest)}"#.utf8))
    }

    private func change(_ old: String, _ new: String) throws -> ConfigurationChange {
        ConfigurationChange(from: try configuration(old), to: try configuration(new))
    }

    private static let a = #"{"topic":"a/{stream}","channels":{"x":"$.x"}}"#
    private static let b = #"{"topic":"b","id":"b","channels":{"x":"$.x"}}"#

    @Test func theSameConfigurationIsNoChange() throws {
        let change = try change(#""stream":[\#(Self.a)]"#, #""stream":[\#(Self.a)]"#)
        #expect(change.isEmpty && !change.reconnects && change.needsRestart.isEmpty)
        #expect("\(change)" == "nothing")
    }

    @Test func aSettingIsNamedWithBothValues() throws {
        let change = try change("", #""adaptation":{"alarms_per_week":2}"#)
        #expect("\(change)" == "adaptation.alarms_per_week 1 → 2")
        #expect(change.needsRestart.isEmpty && !change.reconnects)
    }

    @Test func streamsComeGoAndChange() throws {
        let changedB = Self.b.replacing(#""x":"$.x""#, with: #""x":"$.y""#)
        let change = try change(
            #""stream":[\#(Self.a),\#(Self.b)]"#,
            #""stream":[{"topic":"c/{stream}","channels":{"x":"$.x"}},\#(changedB)]"#)
        #expect(change.added == ["c/{stream}"])
        #expect(change.removed == ["a/{stream}"])
        #expect(change.changed.map(\.topic) == ["b"])
        #expect(change.changed[0].settings.map(\.path) == ["channels.x"])
        #expect(change.changed[0].restarts)
    }

    @Test(arguments: [
        (#""min_severity":0.5"#, false), (#""mute":["Sat 00:00-06:00"]"#, false), (#""insights":["state"]"#, false),
        (#""stale_after_s":5"#, false), (#""time":"$.t""#, false), (#""reorder_window_ms":5"#, false),
        (#""max_insights_per_hour":5"#, false), (#""rate_hz":5"#, true), (#""hop":4"#, true),
        (#""codec":"csv""#, true), (#""bundle":"other""#, true),
    ])
    func onlyWhatLearningDependsOnRestartsAStream(_ setting: String, _ restarts: Bool) throws {
        let new = Self.a.replacing(#"{"topic""#, with: "{\(setting),\"topic\"")
        let change = try change(#""stream":[\#(Self.a)]"#, #""stream":[\#(new)]"#)
        #expect(change.changed.map(\.restarts) == [restarts])
        #expect(change.added.isEmpty && change.removed.isEmpty)
    }

    @Test func aStreamWithAnIdMayMove() throws {
        let moved = Self.b.replacing(#""topic":"b""#, with: #""topic":"elsewhere/b""#)
        let change = try change(#""stream":[\#(Self.b)]"#, #""stream":[\#(moved)]"#)
        #expect(change.changed.map { $0.settings.map(\.path) } == [["topic"]])
        #expect(change.changed.map(\.restarts) == [false])
    }

    @Test(arguments: [
        (#""store":{"path":"/elsewhere.db"}"#, "store.path"), (#""mqtt":{"base_topic":"other"}"#, "mqtt.base_topic"),
        (#""mqtt":{"discovery_prefix":"ha"}"#, "mqtt.discovery_prefix"),
    ])
    func whatIsReadAtTheStartAloneNeedsARestart(_ new: String, _ path: String) throws {
        #expect(try change("", new).needsRestart == [path])
    }

    @Test func anotherNodeNeedsARestart() throws {
        let change = ConfigurationChange(from: try configuration(""), to: try configuration("", node: "m"))
        #expect(change.needsRestart == ["node"])
    }

    @Test(arguments: [
        (#""host":"h""#, true), (#""port":2000"#, true), (#""username":"u""#, true), (#""keepalive_s":60"#, true),
        (#""tls":{}"#, true), (#""tls":{"ca":"/ca"}"#, true), (#""publish":{"host":"h"}"#, true),
        (#""state_interval_ms":0"#, false), (#""health_interval_s":1"#, false), (#""sample_qos":1"#, false),
        (#""backfill_per_second":1"#, false),
    ])
    func onlyWhatAConnectionIsMadeOfReconnects(_ setting: String, _ reconnects: Bool) throws {
        let change = try change("", #""mqtt":{\#(setting)}"#)
        #expect(change.reconnects == reconnects)
        #expect(!change.isEmpty)
    }
}
