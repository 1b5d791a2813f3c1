import SedgeCore

/// What one check of `sedge doctor` came to: what was found, and what to do about it.
struct Finding: Equatable, Sendable {
    enum Level: String, Sendable {
        case ok
        /// Works, but not as it should or not for long.
        case warn
        /// Does not work.
        case fail
    }

    /// In the order in which they are made.
    enum Check: String, Sendable, CaseIterable {
        case configuration, bundle, kernel, clock, disk, database, broker, agent, stream
    }

    let level: Level
    let check: Check
    /// Which of several: a stream's name or topic, a broker's address.
    let subject: String?
    let found: String
    /// What to do; nil where nothing is to be done.
    let advice: String?
    /// The status to end with when this is the first failure; success unless it is one.
    let code: ExitCode

    static func ok(_ check: Check, _ subject: String? = nil, _ found: String) -> Self {
        Self(level: .ok, check: check, subject: subject, found: found, advice: nil, code: .success)
    }

    static func warn(_ check: Check, _ subject: String? = nil, _ found: String, advice: String? = nil) -> Self {
        Self(level: .warn, check: check, subject: subject, found: found, advice: advice, code: .success)
    }

    static func fail(
        _ check: Check, _ subject: String? = nil, _ code: ExitCode, _ found: String, advice: String? = nil
    ) -> Self {
        Self(level: .fail, check: check, subject: subject, found: found, advice: advice, code: code)
    }
}

extension Finding: Encodable {
    private enum CodingKeys: String, CodingKey {
        case level, check, subject, found, advice
    }

    /// Every key is always there; what there is none of is null.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(level.rawValue, forKey: .level)
        try container.encode(check.rawValue, forKey: .check)
        try container.encode(subject, forKey: .subject)
        try container.encode(found, forKey: .found)
        try container.encode(advice, forKey: .advice)
    }
}

extension Array where Element == Finding {
    /// What the program ends with: the status of the first failure, or success.
    var exitCode: ExitCode { first { $0.level == .fail }?.code ?? .success }
}
