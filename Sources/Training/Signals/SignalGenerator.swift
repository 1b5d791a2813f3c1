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

    /// Channels of one machine: `channels[channel][sample]`, mixtures of fewer causes, each with some noise of its own.
    package mutating func next(_ count: Int, channels: Int) -> [[Double]] {
        guard channels > 1 else { return [next(count)] }
        let causes = (0..<1 + (channels + 1) / 2).map { _ in Self.unit(next(count)) }
        return (0..<channels).map { _ in
            var signal = [Double](repeating: 0, count: count)
            for _ in 0..<1 + random.index(2) {
                let cause = causes[random.index(causes.count)]
                let gain = random.standardNormal()
                for index in signal.indices { signal[index] += gain * cause[index] }
            }
            let noise = random.logUniform(0.005, 0.3)
            let scale = random.logUniform(1e-3, 1e3)
            for index in signal.indices { signal[index] = scale * (signal[index] + noise * random.standardNormal()) }
            return signal
        }
    }

    /// `count` samples at an unknown rate, in an unknown unit.
    package mutating func next(_ count: Int) -> [Double] { draw(count).signal }

    /// The same, and the family where there is but one.
    mutating func draw(_ count: Int) -> (signal: [Double], family: Int?) {
        let families = SignalFamily.allCases
        let family = random.index(families.count)
        var signal = families[family].draw(count, &random)
        let isMixed = random.uniform() < 0.35
        if isMixed {
            let second = families[random.index(families.count)].draw(count, &random)
            let gain = random.logUniform(0.1, 1)
            for index in signal.indices { signal[index] += gain * second[index] }
        }
        SignalEvents.apply(to: &signal, &random)
        let scale = random.logUniform(1e-3, 1e3) * (random.uniform() < 0.5 ? -1 : 1)
        let offset = random.standardNormal() * scale * random.logUniform(0.1, 100)
        for index in signal.indices { signal[index] = offset + scale * signal[index] }
        return (signal, isMixed ? nil : family)
    }

    /// Brought to mean 0 and mean square 1; a constant stays at 0.
    private static func unit(_ signal: [Double]) -> [Double] {
        let mean = signal.reduce(0, +) / Double(signal.count)
        let power = signal.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(signal.count)
        return signal.map { power > 0 ? ($0 - mean) / power.squareRoot() : 0 }
    }
}
