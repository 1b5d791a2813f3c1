import FoundationEssentials

/// The one way a payload becomes JSON: sorted keys, no escaped slashes, so equal values give equal bytes.
package enum PayloadJSON {
    /// Bytes of UTF-8. A number that is not finite is a programmer's mistake and traps.
    package static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(value))
        } catch {
            preconditionFailure("payload can not be encoded: \(error)")
        }
    }

    package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        try JSONDecoder().decode(type, from: Data(bytes))
    }
}
