import SedgeCore

/// Reads one JSON object of a bundle's metadata; every error names the key's path.
struct BundleFieldReader {
    private let path: String
    private let members: [String: JSONDocument]

    /// Of a metadata field: its text must be an object with these keys and no others.
    init(field: String, text: String, keys: [String]? = nil) throws(BundleError) {
        let value: JSONDocument
        do {
            value = try JSONParser.parse(Array(text.utf8)[...])
        } catch {
            throw BundleError(
                .field(field), found: "\(error.found) at offset \(error.offset)", expected: error.expected)
        }
        try self.init(path: field, value: value, keys: keys)
    }

    private init(path: String, value: JSONDocument, keys: [String]?) throws(BundleError) {
        guard case .object(let members) = value else {
            throw BundleError(.field(path), found: value.summary, expected: "an object")
        }
        self.path = path
        self.members = members
        guard let keys else { return }
        for key in members.keys.sorted() where !keys.contains(key) {
            throw BundleError(
                .field("\(path).\(key.prefix(60))"), found: "an unknown key",
                expected: keys.joined(separator: ", "))
        }
    }

    private func value(_ key: String, expected: String) throws(BundleError) -> JSONDocument {
        guard let value = members[key] else {
            throw BundleError(.field("\(path).\(key)"), found: "nothing", expected: expected)
        }
        return value
    }

    private func error(_ key: String, _ value: JSONDocument, expected: String) -> BundleError {
        error(key, found: value.summary, expected: expected)
    }

    func error(_ key: String, found: String, expected: String) -> BundleError {
        BundleError(.field("\(path).\(key)"), found: found, expected: expected)
    }

    var keys: [String] { members.keys.sorted() }

    func string(_ key: String) throws(BundleError) -> String {
        let value = try value(key, expected: "a string")
        guard case .string(let text) = value else { throw error(key, value, expected: "a string") }
        return text
    }

    func integer(_ key: String) throws(BundleError) -> Int {
        let value = try value(key, expected: "an integer")
        guard case .number(let digits) = value, let integer = Int(digits) else {
            throw error(key, value, expected: "an integer")
        }
        return integer
    }

    func integers(_ key: String) throws(BundleError) -> [Int] {
        let value = try value(key, expected: "an array of integers")
        guard case .array(let items) = value else { throw error(key, value, expected: "an array of integers") }
        var integers: [Int] = []
        for item in items {
            guard case .number(let digits) = item, let integer = Int(digits) else {
                throw error(key, item, expected: "an array of integers")
            }
            integers.append(integer)
        }
        return integers
    }

    func number<Value: LosslessStringConvertible & BinaryFloatingPoint>(_ key: String) throws(BundleError) -> Value {
        let value = try value(key, expected: "a number")
        guard case .number(let digits) = value, let number = Value(digits), number.isFinite else {
            throw error(key, value, expected: "a finite number")
        }
        return number
    }

    func object(_ key: String, keys: [String]) throws(BundleError) -> BundleFieldReader {
        try BundleFieldReader(path: "\(path).\(key)", value: value(key, expected: "an object"), keys: keys)
    }

    func objects(_ key: String, keys: [String]) throws(BundleError) -> [BundleFieldReader] {
        let value = try value(key, expected: "an array")
        guard case .array(let items) = value else { throw error(key, value, expected: "an array") }
        var readers: [BundleFieldReader] = []
        for (index, item) in items.enumerated() {
            readers.append(try BundleFieldReader(path: "\(path).\(key).\(index)", value: item, keys: keys))
        }
        return readers
    }
}
