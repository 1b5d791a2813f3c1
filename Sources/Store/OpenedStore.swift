/// A store that is ready, and how it was found.
package struct OpenedStore {
    package let store: Store
    package let report: OpenReport
    /// Sentences for the log: what was odd, and what was done about it.
    package let warnings: [String]
}

/// How a database was found at start.
package enum OpenReport: Sendable, Equatable {
    /// There was none.
    case fresh
    case existing
    case migrated(from: Int)
    /// It was damaged: it now lies at `path`, and a new one was begun.
    case movedAside(path: String, reason: String)
}
