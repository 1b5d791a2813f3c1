import Control
import SedgeCore
import Testing

struct ConfigurationLayersTests {
    private func document(_ json: String) throws -> JSONDocument { try JSONParser.parse(Array(json.utf8)[...]) }

    @Test func theNarrowerLayerWins() throws {
        let order = ConfigurationLayers.order(node: gateway, groups: [plant])
        var layers = ConfigurationLayers(
            file: try document(#"{"node":"gw-7","adaptation":{"alarms_per_week":1,"enabled":true}}"#))
        layers.remote[.all] = try document(#"{"adaptation":{"alarms_per_week":2},"inference":{"threads":2}}"#)
        layers.remote[.group(plant)] = try document(#"{"adaptation":{"alarms_per_week":3}}"#)
        layers.remote[toGateway] = try document(#"{"inference":{"threads":null}}"#)
        let configuration = try layers.configuration(order)
        #expect(configuration.adaptation.alarmsPerWeek == 3)
        #expect(configuration.adaptation.enabled)
        #expect(configuration.inference.threads == 1)
    }

    @Test func arraysAreReplacedWhole() throws {
        let merged = try document(#"{"stream":[{"topic":"a"},{"topic":"b"}]}"#).merging(document(#"{"stream":[]}"#))
        #expect(merged == (try document(#"{"stream":[]}"#)))
    }

    @Test(arguments: [
        #"{"node":"gw-8"}"#, #"{"node":null}"#, #"{"mqtt":null}"#, #"{"mqtt":7}"#, #"{"mqtt":{"username":"x"}}"#,
        #"{"mqtt":{"tls":{"ca":"x"}}}"#, #"{"mqtt":{"tls":null}}"#, #"{"mqtt":{"publish":null}}"#,
        #"{"mqtt":{"publish":{"password_file":"x"}}}"#, #"{"control":{"trusted_keys":[]}}"#, #"{"control":null}"#,
        #"{"control":{"groups":["a"]}}"#, #"{"store":{"path":"x"}}"#, #"{"mqtt":{"base_topic":"x"}}"#, "[]", "{",
    ])
    func whatIsTheFilesCanNotBeSent(_ json: String) {
        #expect(throws: Refusal.self) { try ConfigurationLayers.read(Array(json.utf8)) }
    }

    @Test func theRestCan() throws {
        let json = #"{"mqtt":{"host":"b","port":1884},"control":{"canary_seconds":5},"store":{"retention_days":3}}"#
        _ = try ConfigurationLayers.read(Array(json.utf8))
    }
}
