import FoundationEssentials

extension Configuration {
    /// Reads a configuration from JSON. The error says where, what was found and what was expected.
    package init(json: [UInt8]) throws(ConfigurationError) {
        do {
            self = try JSONDecoder().decode(Configuration.self, from: Data(json))
        } catch var error as ConfigurationError {
            if error.found == foundPlaceholder, let tree = try? JSONDecoder().decode(JSONTree.self, from: Data(json)) {
                error.found = tree.value(at: error.path)?.description ?? foundPlaceholder
            }
            throw error
        } catch {
            throw ConfigurationError(path: "", found: "no JSON object", expected: "a configuration (\(error))")
        }
    }

    package func json() -> [UInt8] { PayloadJSON.encode(self) }

    /// `config` in payloads of a configuration that came from a file.
    package var fingerprint: String { fingerprint(origin: "file") }

    /// `config` in payloads: where it came from, and a checksum of what it says.
    package func fingerprint(origin: String) -> String { "\(origin)#\(CRC32.checksum(json()).hexadecimal)" }
}
