import Agent
import Control
import SedgeCore

/// Settings in a file: a layer that only says what it sets, or a node's whole configuration. TOML, or JSON.
struct LayerFile {
    let path: String
    let document: JSONDocument

    init(_ path: String) throws(Failure) {
        self.path = path
        let bytes = try FileBytes.contents(of: path, limit: 1 << 20)
        var json = bytes
        if bytes.first(where: { !$0.isBlank }) != UInt8(ascii: "{") {
            do {
                json = try ConfigurationFile.json(toml: bytes)
            } catch {
                throw Failure(.configuration, "\(path): \(error)")
            }
        }
        do {
            document = try JSONParser.parse(json[...])
        } catch {
            throw Failure(
                .configuration, "\(path): found \(error.found) at offset \(error.offset), expected \(error.expected)")
        }
        guard case .object = document else { throw Failure(.configuration, "\(path) holds no settings") }
    }

    /// Whether it is a node's own file.
    var isWhole: Bool { document["node"] != nil }

    /// As it is sent.
    var payload: [UInt8] { Array(document.text.utf8) }

    /// Throws where it could not be sent: a key that only a node's file may set, an unknown key, a wrong value.
    func checkAsLayer() throws(Failure) {
        do {
            _ = try ConfigurationLayers.read(payload)
            let base = JSONDocument.object(["node": .string("check")])
            _ = try Configuration(json: Array(base.merging(document).text.utf8))
        } catch {
            throw Failure(.configuration, "\(path): \(error)")
        }
    }
}

extension UInt8 {
    fileprivate var isBlank: Bool { self == 0x20 || self == 0x0A || self == 0x0D || self == 0x09 }
}
