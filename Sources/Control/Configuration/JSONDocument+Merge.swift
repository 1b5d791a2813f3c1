package import SedgeCore

extension JSONDocument {
    /// A patch laid over this document (RFC 7396): objects are merged, `null` takes a key away, anything else
    /// replaces. Arrays are replaced whole.
    package func merging(_ patch: JSONDocument) -> JSONDocument {
        guard case .object(let changes) = patch else { return patch }
        var members: [String: JSONDocument] = [:]
        if case .object(let own) = self { members = own }
        for (key, change) in changes {
            members[key] = change == .null ? nil : (members[key] ?? .null).merging(change)
        }
        return .object(members)
    }

    /// The member at a dotted path.
    package subscript(path: String) -> JSONDocument? {
        var node = self
        for step in path.split(separator: ".") {
            guard case .object(let members) = node, let next = members[String(step)] else { return nil }
            node = next
        }
        return node
    }
}
