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
}
