/// What a profile of the Numenta Anomaly Benchmark pays for finding a window, and charges for the rest.
package struct NABProfile: Sendable, Equatable {
    package var name: String
    /// For the earliest detection in a window.
    package var truePositive = 1.0
    /// For a window without one.
    package var falseNegative = 1.0
    /// For a detection far behind any window.
    package var falsePositive = 0.11

    package init(name: String, truePositive: Double = 1, falseNegative: Double = 1, falsePositive: Double = 0.11) {
        self.name = name
        self.truePositive = truePositive
        self.falseNegative = falseNegative
        self.falsePositive = falsePositive
    }

    package static let standard = Self(name: "standard")
    package static let fewFalseAlarms = Self(name: "reward_low_FP_rate", falsePositive: 0.22)
    package static let fewMisses = Self(name: "reward_low_FN_rate", falseNegative: 2)
}
