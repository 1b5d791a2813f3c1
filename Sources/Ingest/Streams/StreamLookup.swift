package import SedgeCore

/// What a topic means to the agent.
package enum StreamLookup: Equatable, Sendable {
    /// A stream that is there; its place in `StreamTable.streams`.
    case known(Int)
    /// A stream that was just entered, at `index`; `pattern` counts the table's patterns.
    case new(index: Int, pattern: Int, id: StreamID)
    /// No pattern matches.
    case unmatched
    /// A pattern matches, but its stream can not have the name.
    case refused(StreamRefusal)
    /// There are as many streams as allowed.
    case full(limit: Int)

    /// Why a topic has no stream, for people; empty where it has one.
    package var complaint: String {
        switch self {
        case .known, .new: ""
        case .unmatched: "no pattern matches"
        case .refused(let refusal): refusal.rawValue
        case .full(let limit): "there are \(limit) streams already, as many as allowed"
        }
    }
}

/// Why a topic's level can not name a stream.
package enum StreamRefusal: String, Sendable, CaseIterable {
    case emptyName = "the level that names the stream is empty"
    case longName = "the level that names the stream has more than 64 bytes"
    case takenName = "its id already belongs to a stream of another name or pattern"
}
