package import Control
package import SedgeCore

/// What became of a configuration that was to be applied.
package enum ReloadOutcome: Sendable {
    /// It is the one that holds.
    case unchanged
    case applied(AppliedChange)
    /// The one before holds, untouched.
    case refused(AgentError)
}

/// What a reload did.
package struct AppliedChange: Sendable, Equatable {
    package let change: ConfigurationChange
    /// `config` in payloads from now on.
    package let name: String
    /// Streams that went on as if nothing had happened.
    package let kept: Int
    /// Streams that are read or judged in another way now.
    package let restarted: [StreamID]
    /// Streams that left.
    package let departed: [StreamID]
    /// Streams whose samples or verdicts may be others from now on.
    package let touched: TouchedStreams
    /// Bundles whose encoder was built anew, by fingerprint.
    package let builtModels: [String]
    /// Whether the agent connects to its brokers anew.
    package let reconnects: Bool
}
