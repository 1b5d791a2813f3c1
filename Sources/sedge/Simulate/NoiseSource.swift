#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif
import SedgeCore

/// Noise as a function of time: any moment can be asked for, in any order, and the same seed gives the same noise.
struct NoiseSource: Sendable {
    private let seed: UInt64

    /// Two sources with different `channel` are independent.
    init(seed: UInt64, channel: UInt64) {
        var random = SeededRandom(seed: seed ^ (channel &* 0xD1B5_4A32_D192_ED03))
        self.seed = random.next()
    }

    /// Uniform in [0, 1).
    func uniform(at key: Int64) -> Double {
        var random = generator(at: key)
        return random.uniform()
    }

    /// Standard normal, independent from key to key (Box and Muller, 1958).
    func gaussian(at key: Int64) -> Double {
        var random = generator(at: key)
        let radius = (-2 * log(1 - random.uniform())).squareRoot()
        return radius * cos(2 * .pi * random.uniform())
    }

    /// Wanders smoothly with about unit variance; values a `period` apart, in seconds, are nearly independent.
    func smooth(at seconds: Double, period: Double) -> Double {
        let position = seconds / period
        let cell = position.rounded(.down)
        let fraction = position - cell
        let weight = fraction * fraction * (3 - 2 * fraction)
        let index = Int64(cell)
        let (left, right) = (gaussian(at: index), gaussian(at: index + 1))
        return (left * (1 - weight) + right * weight) / (1 - 2 * weight * (1 - weight)).squareRoot()
    }

    private func generator(at key: Int64) -> SeededRandom {
        var random = SeededRandom(seed: seed &+ UInt64(bitPattern: key) &* 0x9FB2_1C65_1E98_DF25)
        _ = random.next()
        return random
    }
}
