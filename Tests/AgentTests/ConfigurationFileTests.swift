import Agent
import SedgeCore
import Testing

@Suite struct ConfigurationFileTests {
    private func refusal(_ text: String) throws -> ConfigurationError {
        try #require(throws: ConfigurationError.self) {
            try ConfigurationFile(path: "test.toml", text: Array(text.utf8))
        }
    }

    @Test func readsWhatTheReferenceShows() throws {
        let text = """
            node = "gw-7"
            [mqtt]
            host = "broker.local"
            tls = { ca = "/etc/sedge/ca.pem" }
            [[stream]]
            topic = "plant/{stream}/sensors"
            channels = { vibration = "$.vib" }
            rate_hz = 10
            mute = ["Sat 00:00-06:00"]
            """
        let configuration = try ConfigurationFile(path: "test.toml", text: Array(text.utf8)).configuration
        #expect(configuration.node.description == "gw-7")
        #expect(configuration.mqtt.connection.port == 8883)
        #expect(configuration.streams[0].rateHz == 10)
    }

    @Test func anErrorNamesLineAndColumn() throws {
        let error = try refusal("node = \"n\"\n\n[mqtt]\n  port = 70000\n")
        #expect(error.line == 4 && error.column == 10)
        #expect("\(error)" == "line 4, column 10: mqtt.port: found 70000, expected 1 to 65535")
    }

    @Test func aMissingKeyIsPlacedAtItsTable() throws {
        let error = try refusal("node = \"n\"\n\n[[stream]]\ntopic = \"a\"\n")
        #expect(error.path == "stream[0].channels" && error.line == 3)
    }

    @Test func whatIsNoTOMLSaysWhere() throws {
        let error = try refusal("node = \"n\"\nport = = 1\n")
        #expect(error.line == 2)
    }

    @Test func anErrorFoundLaterIsPlacedToo() throws {
        let text = "node = \"n\"\n[[stream]]\ntopic = \"t\"\nid = \"s\"\nchannels = { x = \"$\" }\nhop = 9\n"
        let file = try ConfigurationFile(path: "test.toml", text: Array(text.utf8))
        let located = file.locate(ConfigurationError(path: "stream[0].hop", found: "9", expected: "1 to 8"))
        #expect(located.line == 6)
    }

    /// Seed 11; nothing that stands in a file may end the program.
    @Test func mutatedFilesAreReadOrRefused() throws {
        let text = Array(
            """
            node = "gw-7"
            [mqtt]
            port = 1883
            [[stream]]
            topic = "plant/{stream}/sensors"
            channels = { vibration = "$.vib", t = "$.t" }
            hop = 4
            """.utf8)
        var random = SeededRandom(seed: 11)
        var refused = 0
        for _ in 0..<3000 {
            var bytes = text
            for _ in 0..<1 + Int(random.next() % 3) {
                let index = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 3 {
                case 0: bytes[index] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.remove(at: index)
                default: bytes.insert(bytes[Int(random.next() % UInt64(bytes.count))], at: index)
                }
            }
            do {
                _ = try ConfigurationFile(path: "test.toml", text: bytes)
            } catch {
                refused += 1
                #expect(!error.expected.isEmpty)
            }
        }
        #expect(refused > 1000)
    }
}
