/// Whose a model is that the agent trains itself.
package enum AdaptationScope: String, Codable, Sendable, CaseIterable, CaseListing {
    /// Each stream has its own.
    case stream
    /// All streams share one.
    case shared
}
