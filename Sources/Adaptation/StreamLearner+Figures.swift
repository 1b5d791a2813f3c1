extension StreamLearner {
    /// How much was learned, for people who look.
    package struct Figures: Sendable, Equatable {
        package let steps: Int
        package let learned: Int
        /// States known, and the one it is in, as the learner calls it.
        package let states: Int
        package let state: String?
        package let isAlarming: Bool
        package let isDrifting: Bool
    }

    package var figures: Figures {
        Figures(
            steps: steps, learned: learned, states: regimes.count, state: announced, isAlarming: alarm.event != nil,
            isDrifting: drift.isDrifting)
    }
}
