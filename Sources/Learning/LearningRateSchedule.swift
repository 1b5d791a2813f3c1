#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A linear warm-up, a plateau where there is one, then half a cosine down to a floor (Loshchilov and Hutter, 2017).
///
/// With a plateau the number of steps need not be known before the descent begins (Hu et al., 2024).
package struct LearningRateSchedule: Sendable {
    package let peak: Float
    package let warmUp: Int
    package let steps: Int
    /// The last rate as a share of the peak.
    package let floor: Float
    /// The step where the descent begins.
    package let descent: Int

    /// - Parameter descending: the share of the steps, the last ones, on which the rate descends.
    package init(peak: Float, warmUp: Int, steps: Int, floor: Float = 0.02, descending: Double = 1) {
        precondition(peak > 0 && steps > 0 && warmUp >= 0 && (0...1).contains(descending))
        descent = max(warmUp, steps - Int((Double(steps) * descending).rounded()))
        self.peak = peak
        self.warmUp = warmUp
        self.steps = steps
        self.floor = floor
    }

    /// The rate of step 0, 1, … `steps` − 1; the floor beyond.
    package func rate(at step: Int) -> Float {
        if step < warmUp { return peak * Float(step + 1) / Float(warmUp) }
        guard step < steps else { return peak * floor }
        guard step >= descent else { return peak }
        let progress = Double(step - descent) / Double(max(1, steps - descent))
        return peak * (floor + (1 - floor) * Float(0.5 + 0.5 * cos(.pi * progress)))
    }
}
