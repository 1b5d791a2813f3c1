import Agent

/// What an action of `sedge inspect` did, for scripts: only what the action has is there.
struct InspectOutcome: Encodable {
    /// What was written or read.
    var file: String?
    var bytes: Int?
    var streams: Int?
    var parts: Int?
    var feedback: Int?
    /// The fingerprint of a bundle with labels, and examples by label.
    var bundle: String?
    var labels: [String: Int]?
    /// The stream that starts afresh.
    var reset: String?
}

extension InspectOutcome {
    init(_ archive: LearnedArchive, file: String, bytes: Int? = nil) {
        self.init(
            file: file, bytes: bytes, streams: archive.streams.count, parts: archive.checkpoints.count,
            feedback: archive.feedback.count)
    }
}
