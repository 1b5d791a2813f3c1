/// How far something that a node was sent has come.
///
/// `verified → validated → staged → canary → active`, or out at any point: `rejected` before anything changed,
/// `reverted` after. What is refused unread never gets a state.
package enum RolloutState: String, Sendable, CaseIterable {
    /// The signature is right and the version new; from here on the node remembers it.
    case verified
    /// It can be put to work.
    case validated
    /// All it needs lies ready; nothing has changed yet.
    case staged
    /// At work and watched.
    case canary
    case active
    case rejected
    case reverted

    package var isFinal: Bool { self == .active || self == .rejected || self == .reverted }
}
