#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A linear warm-up, then half a cosine down to a floor (Loshchilov and Hutter, 2017).
package struct LearningRateSchedule: Sendable {
    package let peak: Float
    package let warmUp: Int
    package let steps: Int
    /// The last rate as a share of the peak.
    package let floor: Float

    package init(peak: Float, warmUp: Int, steps: Int, floor: Float = 0.02) {
        precondition(peak > 0 && steps > 0 && warmUp >= 0)
        self.peak = peak
        self.warmUp = warmUp
        self.steps = steps
        self.floor = floor
    }

    /// The rate of step 0, 1, … `steps` − 1; the floor beyond.
    package func rate(at step: Int) -> Float {
        if step < warmUp { return peak * Float(step + 1) / Float(warmUp) }
        guard step < steps else { return peak * floor }
        let progress = Double(step - warmUp) / Double(max(1, steps - warmUp))
        return peak * (floor + (1 - floor) * Float(0.5 + 0.5 * cos(.pi * progress)))
    }
}
