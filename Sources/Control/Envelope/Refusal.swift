/// Why a message changes nothing. Each says itself in one sentence, without a word of the message's own.
package enum Refusal: Error, Hashable, Sendable, CustomStringConvertible {
    case malformed(String)
    /// The digest is not the payload's.
    case wrongDigest
    /// The topic's kind and the envelope's differ.
    case wrongKind(EnvelopeKind, on: ControlSubject)
    case wrongTarget(EnvelopeScope)
    case unknownKey(KeyID)
    case revokedKey(KeyID)
    case badSignature(KeyID)
    case notYet
    case expired
    /// A version as high or higher was seen before.
    case downgrade(found: Int64, highest: Int64)
    /// The version was seen with another content.
    case reused(version: Int64)
    /// What it says can not be put to work.
    case unusable(String)
    /// Another one came while it was under way.
    case superseded(by: Int64)
    /// More came at once than a node keeps.
    case crowdedOut
    /// `model/apply` asks for what does not lie ready.
    case notReady
    /// `model/apply` was retained: nobody asks for it now.
    case retained

    package var description: String {
        switch self {
        case .malformed(let what): "not an envelope: \(what)"
        case .wrongDigest: "the digest is not the payload's"
        case .wrongKind(let kind, let subject): "\(kind.rawValue) can not come by \(subject.rawValue)/desired"
        case .wrongTarget(let scope): "it is for \(scope), which is not what this topic and this node are"
        case .unknownKey(let key): "key \(key) is not trusted here"
        case .revokedKey(let key): "key \(key) is revoked"
        case .badSignature(let key): "the signature is not key \(key)'s"
        case .notYet: "its time has not come: see not_before"
        case .expired: "it has expired"
        case .downgrade(let found, let highest): "version \(found) is not above \(highest), the highest seen"
        case .reused(let version): "version \(version) was seen with another content"
        case .unusable(let why): why
        case .superseded(let version): "version \(version) came while it was under way"
        case .crowdedOut: "too many messages came at once, it was not read"
        case .notReady: "model/apply names no version that lies ready"
        case .retained: "model/apply was retained: what starts a model is published without it"
        }
    }

    /// What it has in common with others of its kind: without versions, names, and places in a text.
    package var cause: String {
        switch self {
        case .malformed: "not an envelope"
        case .wrongKind: "it can not come by this topic"
        case .wrongTarget: "it is for others than this topic and this node"
        case .unknownKey: "the key is not trusted here"
        case .revokedKey: "the key is revoked"
        case .badSignature: "the signature is not the key's"
        case .downgrade: "the version is not above the highest seen"
        case .reused: "the version was seen with another content"
        case .unusable: "it can not be used"
        case .superseded: "a newer version came"
        case .wrongDigest, .notYet, .expired, .crowdedOut, .notReady, .retained: description
        }
    }
}
