package import SedgeCore

/// What is known of a step beside its patches.
package struct StepHeader: Sendable, Equatable {
    /// Event time of the newest sample.
    package let time: Timestamp
    /// Share of the patch's cells, 0…1, in which the level stands in for a missing measurement.
    package let missing: Float
    /// Whether time was skipped somewhere in the samples since the step before.
    package let discontinuity: Bool
    /// When the row arrived that completed the newest sample.
    package let arrival: Timestamp

    /// Whether as much was measured as half the samples of one channel. Sensors of different pace may share a stream,
    /// and one that is dead does not take the others along; with less there is nothing to learn.
    package func isMeasured(channels: Int) -> Bool {
        // Half, but for rounding.
        (1 - missing) * Float(channels) > 0.49
    }
}
