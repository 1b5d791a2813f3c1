package import SedgeCore

/// A lasting change of what a stream's steps look like.
package struct DriftTransition: Sendable, Equatable {
    /// What changed.
    package enum Source: String, Sendable {
        /// All evidence together.
        case scores
        /// The embeddings.
        case embeddings
    }

    package var source: Source
    /// Event time at which it is likely to have begun.
    package var since: Timestamp
    /// Mean p-value over the steps since then; about 0.5 is ordinary.
    package var meanPValue: Double
}
