package import SedgeCore

/// A causal, slow and outlier-resistant normaliser of one channel: `(x − level) / scale`, clipped.
///
/// Level and scale are exponentially weighted with a time constant of τ samples; the weight of a new sample is
/// `max(1/τ, 2/(n + 1))`, so that early on they are averages over everything so far with the newest counting most
/// (polynomial-decay averaging; Shamir and Zhang, 2013): usable after some 16 samples, and a wrong first reading is
/// forgotten as 1/n². The scale is the mean absolute deviation times √(π/2): the standard deviation for Gaussian
/// noise, 0.89 of it for Laplace noise.
///
/// A residual counts for at most `winsor` scales (Huber's ψ), so an outlier hardly moves level or scale. While residuals
/// keep exceeding that, the limit doubles every four samples: a lasting change, or life after a long constant, is
/// learned at the plain pace of τ instead of never.
///
/// - A sample's output depends on the statistics from before it; then it is learned. The first gives 0, and so does
///   the second: no scale is known yet.
/// - A missing sample (not finite) takes the last measurement for up to `holdLimit` samples and then 0, the level; it
///   teaches nothing. The output is always finite.
/// - A constant gives 0: the scale has a floor of 10⁻⁷ of the level's magnitude, and 10⁻¹⁵.
package struct RobustNormalizer: Sendable, Equatable {
    /// τ, in samples.
    package let timeConstant: Double
    /// Outputs lie in −clip…clip.
    package let clip: Float
    /// Missing samples in a row for which the last measurement stands in.
    package let holdLimit: Int

    /// The running level, in the channel's unit; 0 before the first sample.
    package private(set) var level = 0.0
    /// Samples learned from (after `rebaseline`: as many as its weight).
    package private(set) var count = 0.0
    /// Winsorised mean absolute deviation from the level.
    private var deviation = 0.0
    /// How far the limit on residuals is loosened; 1 in quiet times.
    private var looseness = 1.0
    private var held = HeldValue()

    private static let winsor = 3.0
    static let gaussian = 1.253_314_137_315_500_3
    private static let relativeFloor = 1e-7
    private static let absoluteFloor = 1e-15
    /// Beyond this a value is taken as this: no sum or difference can overflow.
    private static let largest = 1e150

    package init(timeConstant: Double = 20_000, clip: Float = 8, holdLimit: Int = 8) {
        precondition(timeConstant >= 1 && clip > 0 && holdLimit >= 0, "impossible normaliser parameters")
        self.timeConstant = timeConstant
        self.clip = clip
        self.holdLimit = holdLimit
    }

    /// The running scale, in the channel's unit; at least its floor, so never 0.
    package var scale: Double {
        max(deviation * Self.gaussian, abs(level) * Self.relativeFloor, Self.absoluteFloor)
    }

    /// Whether level and scale rest on enough samples to mean something.
    package var isUsable: Bool { count >= 16 }

    /// Whether the newest sample was missing for so long that the level stood in for it.
    package var isMissing: Bool { held.isMissing }

    /// Normalises one sample, then learns from it unless told not to (maintenance, suspicious samples).
    package mutating func normalize(_ x: Double, learns: Bool = true) -> Float {
        let isMeasured = x.isFinite
        guard let value = held.fill(x, limit: holdLimit) else { return 0 }
        let residual = max(-Self.largest, min(Self.largest, value)) - level
        let scale = scale
        let output: Float
        if count < 2 {
            output = 0
        } else {
            // Few samples make a scale that is often too small by chance; the factor is 1.13 after 16.
            let z = residual / (scale * (1 + 2 / count))
            output = max(-clip, min(clip, Float(z)))
        }
        if isMeasured && learns { observe(residual, scale) }
        return output
    }

    private mutating func observe(_ residual: Double, _ scale: Double) {
        count = min(count + 1, 1e15)
        guard count > 1 else {
            level += residual
            return
        }
        let magnitude = abs(residual)
        var bounded = residual
        if count > 2 {
            let plain = Self.winsor * scale * (1 + 2 / count)
            let limit = plain * looseness
            if magnitude > plain {
                looseness = min(looseness * 1.189_207_115_002_721, 0x1p60)
            } else {
                looseness = max(looseness / 2, 1)
            }
            bounded = max(-limit, min(limit, residual))
        }
        let slowest = 1 / timeConstant
        level += max(slowest, 2 / (count + 1)) * bounded
        // There is one deviation fewer than there are samples.
        deviation += max(slowest, 2 / count) * (abs(bounded) - deviation)
    }

    /// Sets a new normal from outside: for a stream that has changed for good.
    ///
    /// - Parameter weight: how many samples the new values count for; learning goes on from there.
    package mutating func rebaseline(level: Double, scale: Double, weight: Double = 256) {
        precondition(level.isFinite && scale.isFinite && scale >= 0 && weight >= 2, "impossible baseline")
        self.level = max(-Self.largest, min(Self.largest, level))
        deviation = min(scale, Self.largest) / Self.gaussian
        count = weight
        looseness = 1
    }

    /// After a gap no value from before it stands in for a missing one; level and scale stay.
    package mutating func forgetHeld() { held.forget() }

    package func snapshot(into writer: inout SnapshotWriter) {
        writer.write(level)
        writer.write(deviation)
        writer.write(count)
        writer.write(looseness)
        held.snapshot(into: &writer)
    }

    /// Takes over statistics; the parameters stay those of `init`. On an error nothing has changed.
    package mutating func restore(from reader: inout SnapshotReader) throws(SnapshotError) {
        let level = try reader.readDouble()
        let deviation = try reader.readDouble()
        let count = try reader.readDouble()
        let looseness = try reader.readDouble()
        var held = HeldValue()
        try held.restore(from: &reader)
        guard level.isFinite, abs(level) <= Self.largest, deviation.isFinite, deviation >= 0, count.isFinite,
            count >= 0, (1...0x1p60).contains(looseness)
        else {
            throw .impossible("level \(level), deviation \(deviation), count \(count), looseness \(looseness)")
        }
        self.level = level
        self.deviation = deviation
        self.count = count
        self.looseness = looseness
        self.held = held
    }
}
