package import SedgeCore

/// A change of the stream's learned state.
package struct RegimeTransition: Sendable, Equatable {
    /// Nil for the first state of a stream.
    package var from: String?
    package var to: String
    /// Event time at which the stream began to look like `to`: before the step that settled it.
    package var since: Timestamp
}
