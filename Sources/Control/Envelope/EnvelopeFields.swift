import SedgeCore

/// An envelope's JSON object, asked for its fields.
struct EnvelopeFields {
    private let members: [String: JSONDocument]

    /// - Parameter known: keys it may have.
    init(_ json: [UInt8], known: Set<String>) throws(Refusal) {
        let tree: JSONDocument
        do {
            tree = try JSONParser.parse(json[...])
        } catch {
            // What was found is not repeated: it is anybody's.
            throw .malformed("no JSON: at offset \(error.offset), expected \(error.expected)")
        }
        guard case .object(let members) = tree else { throw .malformed("expected an object") }
        guard members.keys.allSatisfy(known.contains) else {
            throw .malformed("an unknown key; expected \(known.sorted().joined(separator: ", "))")
        }
        self.members = members
    }

    func string(_ key: String) throws(Refusal) -> String {
        guard let text = try optionalString(key) else { throw .malformed("\(key): expected a string") }
        return text
    }

    func optionalString(_ key: String) throws(Refusal) -> String? {
        guard let member = members[key] else { return nil }
        guard case .string(let text) = member else { throw .malformed("\(key): expected a string") }
        return text
    }

    func integer(_ key: String) throws(Refusal) -> Int64 {
        guard let value = try optionalInteger(key) else { throw .malformed("\(key): expected an integer") }
        return value
    }

    private func optionalInteger(_ key: String) throws(Refusal) -> Int64? {
        guard let member = members[key] else { return nil }
        guard case .number(let digits) = member, let value = Int64(digits), "\(value)" == digits else {
            throw .malformed("\(key): expected an integer")
        }
        return value
    }

    /// Milliseconds since 1970.
    func time(_ key: String) throws(Refusal) -> Timestamp? {
        guard let value = try optionalInteger(key) else { return nil }
        guard EnvelopeHeader.versions.contains(value) else {
            throw .malformed("\(key): expected milliseconds since 1970")
        }
        return Timestamp(milliseconds: value)
    }

    func nodes(_ key: String) throws(Refusal) -> [NodeID]? {
        guard let member = members[key] else { return nil }
        guard case .array(let items) = member, (1...EnvelopeHeader.maximumNodes).contains(items.count) else {
            throw .malformed("\(key): expected 1 to \(EnvelopeHeader.maximumNodes) nodes")
        }
        var nodes: [NodeID] = []
        for item in items {
            guard case .string(let text) = item, let node = try? NodeID(text) else {
                throw .malformed("\(key): expected names of nodes")
            }
            nodes.append(node)
        }
        return nodes
    }
}
