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

    /// `config` in payloads: where it came from, and a checksum of what it says.
    package var fingerprint: String { "file#\(CRC32.checksum(json()).hexadecimal)" }
}

/// Any JSON, kept only to show what an operator wrote.
private indirect enum JSONTree: Decodable, CustomStringConvertible {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONTree])
    case object([String: JSONTree])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONTree].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONTree].self))
        }
    }

    /// `path` as in `ConfigurationError.path`.
    func value(at path: String) -> JSONTree? {
        var node = self
        for step in path.split(whereSeparator: { ".[]".contains($0) }) {
            switch node {
            case .object(let members):
                guard let next = members[String(step)] else { return nil }
                node = next
            case .array(let items):
                guard let index = Int(step), items.indices.contains(index) else { return nil }
                node = items[index]
            default: return nil
            }
        }
        return node
    }

    var description: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .number(let value): value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
        case .string(let value): "\"\(value.prefix(80))\""
        case .array: "an array"
        case .object: "a table"
        }
    }
}
