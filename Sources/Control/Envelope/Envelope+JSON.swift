import SedgeCore

extension Envelope {
    /// Of an envelope as it arrives; a broker's limit is usually lower.
    package static let maximumBytes = 1 << 20

    /// On one line, keys sorted, without a line's end.
    package func json() -> [UInt8] {
        var members = header.members
        members["payload"] = .string(Base64.encode(payload))
        members["signature"] = .string(Base64.encode(signature))
        return Array(JSONDocument.object(members).text.utf8)
    }

    /// Reads an envelope strictly: no unknown key, no number or base64 written in a second way, the digest the payload's.
    package init(json: [UInt8]) throws(Refusal) {
        guard json.count <= Self.maximumBytes else {
            throw .malformed("it has \(json.count) bytes, at most \(Self.maximumBytes) are read")
        }
        let fields = try EnvelopeFields(json, known: EnvelopeHeader.keys.union(["payload", "signature"]))
        let header = try EnvelopeHeader(fields)
        guard let payload = Base64.decode(try fields.string("payload")) else {
            throw .malformed("payload: expected base64")
        }
        guard let signature = Base64.decode(try fields.string("signature")), signature.count == 64 else {
            throw .malformed("signature: expected base64 of 64 bytes")
        }
        guard ContentDigest(of: payload) == header.digest else { throw .wrongDigest }
        self.init(header: header, payload: payload, signature: signature)
    }
}
