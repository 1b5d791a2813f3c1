package import SedgeCore

/// Normalises one channel by a level and a scale that were fixed in training: `(x − level) / scale`, clipped.
///
/// Learns nothing. Missing samples are treated as in `RobustNormalizer`.
package struct FixedNormalizer: Sendable, Equatable {
    package let level: Double
    package let scale: Double
    /// Outputs lie in −clip…clip.
    package let clip: Float
    /// Missing samples in a row for which the last measurement stands in.
    package let holdLimit: Int
    private var held = HeldValue()

    package init(level: Double, scale: Double, clip: Float = 8, holdLimit: Int = 8) {
        precondition(
            level.isFinite && scale.isFinite && scale > 0 && clip > 0 && holdLimit >= 0,
            "impossible normaliser parameters")
        self.level = level
        self.scale = scale
        self.clip = clip
        self.holdLimit = holdLimit
    }

    /// Whether the newest sample was missing for so long that the level stood in for it.
    package var isMissing: Bool { held.isMissing }

    package mutating func normalize(_ x: Double) -> Float {
        guard let value = held.fill(x, limit: holdLimit) else { return 0 }
        // A huge value may overflow to infinity here, never to NaN; clipping makes it finite.
        return max(-clip, min(clip, Float((value - level) / scale)))
    }

    /// After a gap no value from before it stands in for a missing one.
    package mutating func forgetHeld() { held.forget() }

    package func snapshot(into writer: inout SnapshotWriter) { held.snapshot(into: &writer) }

    package mutating func restore(from reader: inout SnapshotReader) throws(SnapshotError) {
        var held = HeldValue()
        try held.restore(from: &reader)
        self.held = held
    }
}
