import Learning
import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Signals that are noise of some colour: flows, prices, traffic, slow drifts.
enum StochasticSignals {
    /// A second-order autoregression: a damped resonance or two decays, from nearly white to nearly a tone.
    static func autoregressive(_ count: Int, _ random: inout SeededRandom) -> [Double] {
        let first: Double
        let second: Double
        if random.uniform() < 0.5 {
            let radius = 1 - random.logUniform(0.003, 0.7)
            first = 2 * radius * cos(2 * .pi / random.logUniform(3, 200))
            second = -radius * radius
        } else {
            let (a, b) = (1 - random.logUniform(0.002, 1), random.uniform(-0.6, 0.8))
            first = a + b
            second = -a * b
        }
        // The stationary variance of AR(2), so that every draw has a spread of 1.
        let gain = (1 - second) / ((1 + second) * ((1 - second) * (1 - second) - first * first))
        let size = 1 / max(gain, 1e-9).squareRoot()
        var (before, now) = (0.0, 0.0)
        return (0..<count).map { _ in
            let next = first * now + second * before + size * random.standardNormal()
            before = now
            now = next
            return next
        }
    }

    static func randomWalk(_ count: Int, _ random: inout SeededRandom) -> [Double] {
        let size = random.logUniform(0.005, 0.2)
        let drift = random.uniform() < 0.3 ? size * random.uniform(-0.1, 0.1) : 0
        var level = 0.0
        return (0..<count).map { _ in
            level += drift + size * random.standardNormal()
            return level
        }
    }

    /// An Ornstein–Uhlenbeck process with its own measurement noise.
    static func meanReverting(_ count: Int, _ random: inout SeededRandom) -> [Double] {
        let pull = 1 / random.logUniform(5, 2000)
        let size = (2 * pull).squareRoot()
        let noise = random.logUniform(0.01, 0.5)
        var level = random.standardNormal()
        return (0..<count).map { _ in
            level += -pull * level + size * random.standardNormal()
            return level + noise * random.standardNormal()
        }
    }

    /// Quiet noise with stretches that are several times louder.
    static func bursts(_ count: Int, _ random: inout SeededRandom) -> [Double] {
        let (quiet, loud) = (random.logUniform(30, 1000), random.logUniform(10, 300))
        let gain = random.uniform(2, 8)
        let colour = random.uniform(0, 0.9)
        var isLoud = false
        var value = 0.0
        return (0..<count).map { _ in
            if random.uniform() < 1 / (isLoud ? loud : quiet) { isLoud.toggle() }
            value = colour * value + random.standardNormal() * (isLoud ? gain : 1) * 0.4
            return value
        }
    }

    /// The exponential of coloured noise: counts, traffic, rain; one-sided with a heavy tail.
    static func multiplicative(_ count: Int, _ random: inout SeededRandom) -> [Double] {
        let keep = 1 - 1 / random.logUniform(2, 500)
        let size = (1 - keep * keep).squareRoot()
        let tail = random.uniform(0.4, 1.2)
        let quick = random.uniform(0, 0.5)
        var value = 0.0
        return (0..<count).map { _ in
            value = keep * value + size * random.standardNormal()
            return exp(tail * value + quick * random.standardNormal()) - 1
        }
    }

    /// A few slow tones with unrelated periods: smooth, and never quite repeating.
    static func smooth(_ count: Int, _ random: inout SeededRandom) -> [Double] {
        let scale = random.logUniform(20, 1000)
        let tones = (0..<6).map { _ in
            (
                step: 2 * .pi / (scale * random.logUniform(0.4, 4)), size: 0.6 * random.standardNormal(),
                phase: random.uniform(0, 6.3)
            )
        }
        return (0..<count).map { index in
            tones.reduce(0) { $0 + $1.size * sin($1.step * Double(index) + $1.phase) }
        }
    }
}
