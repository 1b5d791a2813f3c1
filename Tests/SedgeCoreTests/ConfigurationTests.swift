import SedgeCore
import Testing

@Suite struct ConfigurationTests {
    static let minimal = #"{"node":"gw-7","stream":[{"topic":"a/{stream}","channels":{"x":"$.x"}}]}"#

    private func refusal(of json: String) -> ConfigurationError? {
        do {
            _ = try Configuration(json: Array(json.utf8))
            return nil
        } catch {
            return error
        }
    }

    @Test func fillsInDefaults() throws {
        let configuration = try Configuration(json: Array(Self.minimal.utf8))
        #expect(configuration.mqtt.connection.port == 1883)
        #expect(configuration.streams[0].hop == 8)
        #expect(configuration.adaptation.alarmsPerWeek == 1)
    }

    @Test func portFollowsTLS() throws {
        let configuration = try Configuration(json: Array(#"{"node":"a","mqtt":{"tls":{"ca":"/ca.pem"}}}"#.utf8))
        #expect(configuration.mqtt.connection.port == 8883)
    }

    @Test func survivesEncodingAndDecoding() throws {
        let json = #"""
            {"node":"n","mqtt":{"host":"h","username":"u","password_file":"/p","publish":{"host":"cloud","tls":{}}},
            "stream":[{"topic":"t","id":"s","channels":{"x":"$"},"codec":"number","mute":["Sat 00:00-06:00"]}]}
            """#
        let first = try Configuration(json: Array(json.utf8))
        #expect(try Configuration(json: first.json()) == first)
        #expect(first.mqtt.publish?.host == "cloud")
    }

    @Test(arguments: [
        (#"{}"#, "node", "nothing", "1 to 64 characters"),
        (#"{"node":"a b"}"#, "node", "\"a b\"", "A-Z a-z 0-9 _ -"),
        (#"{"node":"n","nod":1}"#, "nod", "an unknown key", "one of adaptation"),
        (#"{"node":"n","mqtt":{"port":0}}"#, "mqtt.port", "0", "1 to 65535"),
        (#"{"node":"n","mqtt":{"port":"x"}}"#, "mqtt.port", "\"x\"", "an integer"),
        (#"{"node":"n","mqtt":{"port":1.5}}"#, "mqtt.port", "1.5", "an integer"),
        (#"{"node":"n","mqtt":{"hots":"x"}}"#, "mqtt.hots", "an unknown key", "host"),
        (#"{"node":"n","mqtt":{"publish":{"hots":"x"}}}"#, "mqtt.publish.hots", "an unknown key", "host"),
        (#"{"node":"n","mqtt":{"tls":{"cert":"c"}}}"#, "mqtt.tls.key", "nothing", "both cert and key"),
        (#"{"node":"n","stream":[{"topic":"t"}]}"#, "stream[0].channels", "nothing", "a table of strings"),
        (
            #"{"node":"n","stream":[{"topic":"t","channels":{"x":"$"},"codec":"xml"}]}"#, "stream[0].codec", "\"xml\"",
            "json, csv"
        ),
        (
            #"{"node":"n","stream":[{"topic":"t","channels":{"x":"$"},"rate_hz":-1}]}"#, "stream[0].rate_hz", "-1.0",
            "Hz"
        ),
        (
            #"{"node":"n","stream":[{"topic":"t","channels":{"x":"$"},"insights":["anomalies"]}]}"#,
            "stream[0].insights[0]", "\"anomalies\"", "anomaly, state"
        ),
        (
            #"{"node":"n","stream":[{"topic":"t","channels":{"x":"$"},"mute":["Sat 25:00-26:00"]}]}"#,
            "stream[0].mute[0]", "\"Sat 25:00-26:00\"", "a window like"
        ),
        (#"{"node":"n","control":{"trusted_keys":["abc"]}}"#, "control.trusted_keys", "\"abc\"", "ed25519"),
        (#"{"node":"n","control":{"groups":["a","all"]}}"#, "control.groups", "\"all\"", "each group once"),
        (#"{"node":"n","control":{"groups":["config"]}}"#, "control.groups", "\"config\"", "each group once"),
        (#"{"node":"n","control":{"groups":["model"]}}"#, "control.groups", "\"model\"", "each group once"),
        (#"{"node":"n","control":{"groups":["keys"]}}"#, "control.groups", "\"keys\"", "each group once"),
        (#"[1]"#, "", "", ""),
    ])
    func refusalsNameThePlaceWhatWasFoundAndWhatWasExpected(
        json: String, path: String, found: String, expected: String
    ) throws {
        let error = try #require(refusal(of: json))
        #expect(error.path == path)
        #expect(error.found.contains(found) || found.isEmpty, "\(error)")
        #expect(error.expected.contains(expected) || expected.isEmpty, "\(error)")
    }
}
