package import SedgeCore

/// Exponential back-off with equal jitter: half of each delay is fixed, half random, so that
/// gateways that lost one broker together do not come back together.
package struct Backoff: Sendable, Equatable {
    package var minimum: Duration
    package var maximum: Duration
    /// A connection that lasted this long clears the count of failures.
    package var stableAfter: Duration

    package init(
        minimum: Duration = .seconds(1), maximum: Duration = .seconds(60), stableAfter: Duration = .seconds(10)
    ) {
        precondition(minimum > .zero && maximum >= minimum, "back-off needs 0 < minimum ≤ maximum")
        self.minimum = minimum
        self.maximum = maximum
        self.stableAfter = stableAfter
    }

    /// The delay after the nth failure in a row, n from 1: between half of it and all of min(minimum · 2ⁿ⁻¹, maximum).
    package func delay(afterFailures failures: Int, random: inout SeededRandom) -> Duration {
        var full = minimum
        for _ in 1..<max(failures, 1) where full < maximum { full = full * 2 }
        return jittered(min(full, maximum), random: &random)
    }

    /// The delay after a failure that only an operator can mend.
    package func longDelay(random: inout SeededRandom) -> Duration { jittered(maximum, random: &random) }

    private func jittered(_ full: Duration, random: inout SeededRandom) -> Duration {
        full * (0.5 + 0.5 * random.uniform())
    }
}
