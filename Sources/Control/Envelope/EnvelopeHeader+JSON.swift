import SedgeCore

extension EnvelopeHeader {
    static let keys: Set = [
        "v", "type", "target", "version", "only", "not_before", "expires", "start", "digest", "key",
    ]

    /// As members of an envelope; what is not set is left out.
    var members: [String: JSONDocument] {
        var members: [String: JSONDocument] = [
            "v": .number("1"), "type": .string(kind.rawValue), "target": .string("\(scope)"),
            "version": .number("\(version)"), "digest": .string("\(digest)"), "key": .string("\(key)"),
        ]
        if let only { members["only"] = .array(only.map { .string("\($0)") }) }
        if let notBefore { members["not_before"] = .number("\(notBefore.milliseconds)") }
        if let expires { members["expires"] = .number("\(expires.milliseconds)") }
        if waits { members["start"] = .string("asked") }
        return members
    }

    /// For a store, which keeps the payload beside it.
    package var json: String { JSONDocument.object(members).text }

    /// What `json` wrote.
    package init(json: String) throws(Refusal) {
        try self.init(EnvelopeFields(Array(json.utf8), known: Self.keys))
    }

    init(_ fields: EnvelopeFields) throws(Refusal) {
        guard try fields.integer("v") == 1 else { throw .malformed("v: expected 1") }
        guard let kind = EnvelopeKind(rawValue: try fields.string("type")) else {
            throw .malformed("type: expected \(EnvelopeKind.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        guard let scope = EnvelopeScope(try fields.string("target")) else {
            throw .malformed("target: expected all, group/<group> or node/<node>")
        }
        let version = try fields.integer("version")
        guard EnvelopeHeader.versions.contains(version) else {
            throw .malformed("version: expected 1 to \(EnvelopeHeader.versions.upperBound)")
        }
        guard let digest = ContentDigest(try fields.string("digest")) else {
            throw .malformed("digest: expected sha256: and 64 digits")
        }
        guard let key = KeyID(try fields.string("key")) else { throw .malformed("key: expected 16 digits") }
        self.init(kind: kind, scope: scope, version: version, digest: digest, key: key)
        only = try fields.nodes("only")
        notBefore = try fields.time("not_before")
        expires = try fields.time("expires")
        switch try fields.optionalString("start") {
        case nil: break
        case "asked" where kind.subject == .model: waits = true
        default: throw .malformed("start: expected nothing, or asked with a model")
        }
    }
}
