#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A bearing's wear over time: none before `start`, full after `ramp` more seconds, linear between.
struct BearingWear: Sendable, Equatable {
    /// Seconds since the simulation began.
    let start: Double
    /// Seconds from the first damage to the full one; above 0.
    let ramp: Double

    /// 0 to 1.
    func level(at seconds: Double) -> Double {
        min(1, max(0, (seconds - start) / ramp))
    }

    /// `level` behind a first-order lag, 0 to 1: how friction's heat arrives at a sensor. `constant` in seconds.
    func lagged(at seconds: Double, constant: Double) -> Double {
        (rampResponse(seconds - start, constant) - rampResponse(seconds - start - ramp, constant)) / ramp
    }

    /// What a lag of first order makes of max(0, t).
    private func rampResponse(_ time: Double, _ constant: Double) -> Double {
        time <= 0 ? 0 : time - constant * (1 - exp(-time / constant))
    }
}
