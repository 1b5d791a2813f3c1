/// Any JSON, kept to show what an operator wrote and to compare it.
indirect enum JSONTree: Decodable, CustomStringConvertible {
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

    /// Every value below, by its dotted path. An array without tables in it is one value.
    func leaves(_ path: String = "") -> [String: String] {
        guard case .object(let members) = self, !members.isEmpty else { return [path: text] }
        var result: [String: String] = [:]
        for (key, member) in members {
            result.merge(member.leaves(path.isEmpty ? key : "\(path).\(key)")) { $1 }
        }
        return result
    }

    /// The whole value, as an operator would write it.
    private var text: String {
        switch self {
        case .array(let items): "[\(items.map(\.text).joined(separator: ", "))]"
        case .object(let members):
            "{\(members.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value.text)" }.joined(separator: ", "))}"
        default: description
        }
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
