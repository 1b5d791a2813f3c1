import SedgeCore

/// The payload of a `keys` envelope: `{"add":["ed25519:…"],"revoke":["<key id>"]}`.
package struct KeyChange: Hashable, Sendable {
    package var add: [TrustedKey]
    package var revoke: [KeyID]

    package init(add: [TrustedKey] = [], revoke: [KeyID] = []) {
        self.add = add
        self.revoke = revoke
    }

    private static let maximum = 32

    package init(json: [UInt8]) throws(Refusal) {
        guard let tree = try? JSONParser.parse(json[...]), case .object(let members) = tree,
            members.keys.allSatisfy({ $0 == "add" || $0 == "revoke" })
        else { throw .unusable("keys: expected an object with add and revoke") }
        func texts(_ key: String) throws(Refusal) -> [String] {
            guard let member = members[key] else { return [] }
            guard case .array(let items) = member, items.count <= Self.maximum else {
                throw .unusable("\(key): expected an array of at most \(Self.maximum)")
            }
            return items.map { if case .string(let text) = $0 { text } else { "" } }
        }
        add = []
        revoke = []
        for text in try texts("add") {
            guard let key = TrustedKey(text) else { throw .unusable("add: expected ed25519:<base64> each") }
            add.append(key)
        }
        for text in try texts("revoke") {
            guard let id = KeyID(text) else { throw .unusable("revoke: expected 16 digits each") }
            revoke.append(id)
        }
        guard !(add.isEmpty && revoke.isEmpty) else { throw .unusable("keys: expected something to add or revoke") }
    }

    package func json() -> [UInt8] {
        var members: [String: JSONDocument] = [:]
        if !add.isEmpty { members["add"] = .array(add.map { .string("\($0)") }) }
        if !revoke.isEmpty { members["revoke"] = .array(revoke.map { .string("\($0)") }) }
        return Array(JSONDocument.object(members).text.utf8)
    }
}
