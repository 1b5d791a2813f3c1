import FoundationEssentials

/// Checks JSON against the part of JSON Schema 2020-12 that our schemas use.
///
/// A keyword that it does not know is an error, so that no constraint is passed over in silence.
package struct SchemaValidator {
    private let schema: JSONValue

    /// Parses the schema and looks at every keyword in it.
    package init(schema bytes: [UInt8]) throws {
        schema = try JSONValue(parsing: bytes)
        try check(schema, at: "#")
    }

    /// The schema's own examples.
    package var examples: [JSONValue] {
        if case .object(let keywords) = schema, case .array(let examples)? = keywords["examples"] {
            examples
        } else {
            []
        }
    }

    /// What is wrong with a text; empty when it is valid.
    package func problems(in bytes: [UInt8]) -> [String] {
        do {
            return problems(in: try JSONValue(parsing: bytes))
        } catch {
            return ["$: no JSON (\(error))"]
        }
    }

    package func problems(in value: JSONValue) -> [String] { problems(value, schema, at: "$") }

    // MARK: The schema

    private static let annotations: Set<String> = ["$schema", "$id", "title", "description", "examples", "default"]
    private static let types: Set<String> = ["object", "array", "string", "number", "integer", "boolean", "null"]

    private func check(_ schema: JSONValue, at path: String) throws {
        if case .bool = schema { return }
        guard case .object(let keywords) = schema else { throw SchemaError("\(path): no schema") }
        for (keyword, value) in keywords where !Self.annotations.contains(keyword) {
            let place = "\(path)/\(keyword)"
            switch (keyword, value) {
            case ("type", .string(let name)) where Self.types.contains(name): break
            case ("type", .array(let names)):
                for case let name in names {
                    guard case .string(let text) = name, Self.types.contains(text) else {
                        throw SchemaError("\(place): unknown type")
                    }
                }
            case ("required", .array), ("enum", .array), ("const", _): break
            case ("minimum", .number), ("maximum", .number): break
            case ("minLength", .number), ("maxLength", .number), ("minItems", .number): break
            case ("properties", .object(let schemas)), ("$defs", .object(let schemas)):
                for (name, schema) in schemas { try check(schema, at: "\(place)/\(name)") }
            case ("additionalProperties", _), ("items", _): try check(value, at: place)
            case ("anyOf", .array(let schemas)):
                for (index, schema) in schemas.enumerated() { try check(schema, at: "\(place)/\(index)") }
            case ("$ref", .string(let reference)): _ = try resolve(reference)
            default: throw SchemaError("\(place): this keyword, or its value, is not known to the validator")
            }
        }
    }

    /// `#/$defs/name` alone.
    private func resolve(_ reference: String) throws -> JSONValue {
        let prefix = "#/$defs/"
        guard reference.hasPrefix(prefix), case .object(let root) = schema, case .object(let all)? = root["$defs"],
            let target = all[String(reference.dropFirst(prefix.count))]
        else { throw SchemaError("\(reference): found no such definition") }
        return target
    }

    // MARK: Values

    private func problems(_ value: JSONValue, _ schema: JSONValue, at path: String) -> [String] {
        guard case .object(let keywords) = schema else {
            return schema == .bool(false) ? ["\(path): found \(value), expected nothing"] : []
        }
        var problems: [String] = []
        func fail(_ expected: String) { problems.append("\(path): found \(value), expected \(expected)") }

        if case .string(let reference)? = keywords["$ref"], let target = try? resolve(reference) {
            problems += self.problems(value, target, at: path)
        }
        switch keywords["type"] {
        case .string(let name)? where !value.isOf(type: name): fail(name)
        case .array(let names)?:
            let isOne = names.contains { if case .string(let name) = $0 { value.isOf(type: name) } else { false } }
            if !isOne { fail("one of \(names)") }
        default: break
        }
        if let constant = keywords["const"], value != constant { fail("\(constant)") }
        if case .array(let values)? = keywords["enum"], !values.contains(value) { fail("one of \(values)") }
        if case .array(let schemas)? = keywords["anyOf"] {
            let all = schemas.map { self.problems(value, $0, at: path) }
            if !all.contains(where: \.isEmpty) { problems += all.joined() }
        }
        switch value {
        case .number(let number):
            if case .number(let limit)? = keywords["minimum"], number < limit { fail("at least \(limit)") }
            if case .number(let limit)? = keywords["maximum"], number > limit { fail("at most \(limit)") }
        case .string(let text):
            let count = Double(text.unicodeScalars.count)
            if case .number(let limit)? = keywords["minLength"], count < limit { fail("\(limit) characters or more") }
            if case .number(let limit)? = keywords["maxLength"], count > limit { fail("\(limit) characters at most") }
        case .array(let items):
            if case .number(let limit)? = keywords["minItems"], Double(items.count) < limit { fail("\(limit) items") }
            if let schema = keywords["items"] {
                for (index, item) in items.enumerated() {
                    problems += self.problems(item, schema, at: "\(path)[\(index)]")
                }
            }
        case .object(let members):
            problems += self.problems(members, keywords, at: path)
        case .null, .bool: break
        }
        return problems
    }

    private func problems(
        _ members: [String: JSONValue], _ keywords: [String: JSONValue], at path: String
    ) -> [String] {
        var problems: [String] = []
        if case .array(let names)? = keywords["required"] {
            for case .string(let name) in names where members[name] == nil { problems.append("\(path): lacks \(name)") }
        }
        var known: [String: JSONValue] = [:]
        if case .object(let schemas)? = keywords["properties"] { known = schemas }
        for (name, member) in members.sorted(by: { $0.key < $1.key }) {
            guard let schema = known[name] ?? keywords["additionalProperties"] else { continue }
            if schema == .bool(false) {
                problems.append("\(path): has \(name), which is not expected")
            } else {
                problems += self.problems(member, schema, at: "\(path).\(name)")
            }
        }
        return problems
    }
}

/// A schema that can not be used.
package struct SchemaError: Error, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}

/// Any JSON.
package enum JSONValue: Codable, Hashable, Sendable, CustomStringConvertible {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    package init(parsing bytes: [UInt8]) throws {
        self = try JSONDecoder().decode(JSONValue.self, from: Data(bytes))
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }

    func isOf(type: String) -> Bool {
        switch self {
        case .null: type == "null"
        case .bool: type == "boolean"
        case .number(let value): type == "number" || type == "integer" && value == value.rounded()
        case .string: type == "string"
        case .array: type == "array"
        case .object: type == "object"
        }
    }

    package var description: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .number(let value): "\(value)"
        case .string(let value): "\"\(value.prefix(60))\""
        case .array(let value): "[\(value.map(\.description).joined(separator: ", "))]"
        case .object(let value): "{\(value.keys.sorted().joined(separator: ", "))}"
        }
    }
}
