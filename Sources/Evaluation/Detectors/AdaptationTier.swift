/// How much of its adaptation an evaluated agent has.
package enum AdaptationTier: String, Sendable, Equatable, CaseIterable {
    /// Learns from the training rows, then nothing more: scores and alarms go on by what was learned.
    case off
    /// As the agent is by default: statistics on the frozen encoder.
    case learners
    /// Latent replay too.
    case replay
}
