import SedgeCore

/// What breaks the row of steps: means over recent ones begin anew, and for a while nothing starts an alarm.
extension StreamLearner {
    /// A gap of so many steps breaks off the means over recent steps.
    private static let gapSteps = 16.0

    mutating func breakOffAfterGap(_ time: Timestamp) {
        guard pace.isAfterGap(time, of: Self.gapSteps) else { return }
        breakOff()
        settling = max(settling, Self.settlingAfterGap)
    }

    /// What was seen in a maintenance window is no part of what follows, however short that was; nor is what was not to
    /// be learned from for long.
    mutating func breakOffAfterMuting(isMuted: Bool, learns: Bool) {
        guard learns, !isMuted else {
            muted = isMuted ? Self.settlingAfterGap : min(muted + 1, Self.settlingAfterGap)
            return
        }
        if muted == Self.settlingAfterGap {
            breakOff()
            settling = max(settling, Self.settlingAfterGap)
        }
        muted = 0
    }

    mutating func pardon(_ ruling: Lessons.Ruling?) {
        guard ruling == .normal else {
            pardoned = max(0, pardoned - 1)
            return
        }
        pardoned = Self.settlingAfterGap
        breakOff()
    }

    private mutating func breakOff() {
        for channel in scorers.indices { scorers[channel].breakOff() }
    }
}
