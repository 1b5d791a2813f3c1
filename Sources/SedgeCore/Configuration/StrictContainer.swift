/// A keyed container that knows every key it may hold: anything else in the document is an error.
///
/// Wrong values throw `ConfigurationError` with the key's path; the value found is filled in for all types.
struct StrictContainer<Key: CodingKey & CaseIterable> {
    private let container: KeyedDecodingContainer<Key>

    init(_ decoder: any Decoder, keys: Key.Type) throws {
        container = try decoder.container(keyedBy: Key.self)
        let known = Set(Key.allCases.map(\.stringValue))
        let all = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
        for key in all.sorted() where !known.contains(key) {
            throw ConfigurationError(
                path: Self.path(decoder.codingPath, key), found: "an unknown key",
                expected: "one of \(known.sorted().joined(separator: ", "))")
        }
    }

    /// For a table that several types read; one of them checks its keys.
    init(unchecked decoder: any Decoder, keys: Key.Type) throws {
        container = try decoder.container(keyedBy: Key.self)
    }

    func require<Value: Decodable>(_ key: Key) throws -> Value {
        guard let value: Value = try optional(key) else {
            throw error(key, found: "nothing", expected: Self.expectation(of: Value.self))
        }
        return value
    }

    func optional<Value: Decodable>(_ key: Key) throws -> Value? {
        do {
            // Asked for an Int where 1.5 stands, JSONDecoder calls the whole document invalid.
            if Value.self == Int.self, let number = try container.decodeIfPresent(Double.self, forKey: key) {
                guard let integer = Int(exactly: number) else {
                    throw error(key, found: "\(number)", expected: Self.expectation(of: Int.self))
                }
                return integer as? Value
            }
            return try container.decodeIfPresent(Value.self, forKey: key)
        } catch DecodingError.typeMismatch(_, let context) {
            throw ConfigurationError(
                path: Self.path(context.codingPath), found: foundPlaceholder, expected: Self.expectation(of: Value.self)
            )
        } catch DecodingError.dataCorrupted(let context) {
            // "found X, expected Y" from a value's own initialiser; anything else is a number out of its type's range.
            let parts = context.debugDescription.split(separator: ", expected ", maxSplits: 1)
            throw ConfigurationError(
                path: Self.path(context.codingPath), found: foundPlaceholder,
                expected: parts.count == 2 ? String(parts[1]) : Self.expectation(of: Value.self))
        } catch DecodingError.valueNotFound(_, let context) {
            throw ConfigurationError(
                path: Self.path(context.codingPath), found: "null", expected: Self.expectation(of: Value.self))
        }
    }

    func value<Value: Decodable>(_ key: Key, default fallback: Value) throws -> Value {
        try optional(key) ?? fallback
    }

    func value<Value: Decodable & Comparable>(
        _ key: Key, default fallback: Value, in range: ClosedRange<Value>, unit: String = ""
    ) throws -> Value {
        try optional(key, in: range, unit: unit) ?? fallback
    }

    func optional<Value: Decodable & Comparable>(
        _ key: Key, in range: ClosedRange<Value>, unit: String = ""
    ) throws -> Value? {
        guard let value: Value = try optional(key) else { return nil }
        guard range.contains(value) else {
            throw error(
                key, found: "\(value)",
                expected: "\(range.lowerBound) to \(range.upperBound)" + (unit.isEmpty ? "" : " \(unit)"))
        }
        return value
    }

    func error(_ key: Key, found: String, expected: String) -> ConfigurationError {
        ConfigurationError(path: Self.path(container.codingPath, key.stringValue), found: found, expected: expected)
    }

    private static func path(_ keys: [any CodingKey], _ last: String? = nil) -> String {
        var path = ""
        for key in keys {
            if let index = key.intValue {
                path += "[\(index)]"
            } else {
                path += (path.isEmpty ? "" : ".") + key.stringValue
            }
        }
        return last.map { path.isEmpty ? $0 : "\(path).\($0)" } ?? path
    }

    private static func expectation(of type: Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Int.Type: "an integer"
        case is Double.Type: "a number"
        case is Bool.Type: "true or false"
        case is [String].Type: "an array of strings"
        case is [String: String].Type: "a table of strings"
        case is NodeID.Type, is StreamID.Type: "1 to 64 characters of A-Z a-z 0-9 _ -"
        case is any CaseListing.Type: "one of \((type as! any CaseListing.Type).cases)"
        default: "a table"
        }
    }
}

/// What stands for the value until the document's reader, who has it, puts it in.
let foundPlaceholder = "another value"

/// An enumeration whose names an error can list.
package protocol CaseListing { static var cases: String { get } }

extension CaseListing where Self: CaseIterable & RawRepresentable, RawValue == String {
    package static var cases: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

extension Array: CaseListing where Element: CaseListing {
    package static var cases: String { Element.cases }
}

struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
