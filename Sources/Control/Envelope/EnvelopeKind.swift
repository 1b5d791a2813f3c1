/// What an envelope holds. Each kind has its topic, its state machine and its versions.
package enum EnvelopeKind: String, Sendable, CaseIterable {
    /// Settings as JSON, laid over the file's.
    case configuration
    /// A whole bundle.
    case bundle
    /// A bundle's parts list; the parts follow by themselves.
    case manifest
    /// Keys to trust, keys to revoke.
    case keys

    /// What is rolled out: a whole bundle and one in parts are the same thing.
    package var subject: ControlSubject {
        switch self {
        case .configuration: .configuration
        case .bundle, .manifest: .model
        case .keys: .keys
        }
    }
}

/// What can be changed from afar.
package enum ControlSubject: String, Sendable, CaseIterable {
    case configuration = "config"
    case model
    case keys
}
