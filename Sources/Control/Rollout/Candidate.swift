/// An accepted envelope on its way, or at its end: what a node remembers of it.
package struct Candidate: Hashable, Sendable {
    package let header: EnvelopeHeader
    package var state: RolloutState
    /// Why it was rejected or reverted.
    package var reason: String?
    /// How often it was put to work; a second time after a crash or a power cut.
    package var attempts: Int

    /// Only waits until somebody asks for it.
    package var isReady: Bool { state == .staged && header.waits }

    /// Its bundle comes in parts that may not be there yet.
    package var comesInParts: Bool { state == .verified && header.kind == .manifest }

    package init(header: EnvelopeHeader, state: RolloutState = .verified, reason: String? = nil, attempts: Int = 0) {
        self.header = header
        self.state = state
        self.reason = reason
        self.attempts = attempts
    }
}
