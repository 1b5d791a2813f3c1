import Learning
import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Makes sensor signals that no recording was needed for; the same seed gives the same signals.
///
/// One series is one family, or the sum of two (every third time), then events and sensor limits, then some unit:
/// a random scale over six decades and a random offset, which the normaliser takes away as it does on the device.
package struct SignalGenerator: Sendable {
    private var random: SeededRandom

    package init(seed: UInt64) { random = SeededRandom(seed: seed) }

    /// `count` samples at an unknown rate, in an unknown unit.
    package mutating func next(_ count: Int) -> [Double] {
        let families = SignalFamily.allCases
        var signal = families[random.index(families.count)].draw(count, &random)
        if random.uniform() < 0.35 {
            let second = families[random.index(families.count)].draw(count, &random)
            let gain = random.logUniform(0.1, 1)
            for index in signal.indices { signal[index] += gain * second[index] }
        }
        SignalEvents.apply(to: &signal, &random)
        let scale = random.logUniform(1e-3, 1e3) * (random.uniform() < 0.5 ? -1 : 1)
        let offset = random.standardNormal() * scale * random.logUniform(0.1, 100)
        for index in signal.indices { signal[index] = offset + scale * signal[index] }
        return signal
    }
}
