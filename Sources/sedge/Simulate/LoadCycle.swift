#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A sinusoidal part of a load, and what a first-order lag makes of it.
struct LoadCycle: Sendable {
    let amplitude: Double
    /// Seconds.
    let period: Double
    /// Radians.
    let phase: Double

    func value(at seconds: Double) -> Double {
        amplitude * sin(2 * .pi * seconds / period + phase)
    }

    /// Smaller and later, as it is behind a lag with this time constant in seconds.
    func lagged(at seconds: Double, constant: Double) -> Double {
        let turn = 2 * .pi / period * constant
        return amplitude / (1 + turn * turn).squareRoot() * sin(2 * .pi * seconds / period + phase - atan(turn))
    }
}
