import Learning
import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What happens to a signal on its way and over its life: events in the process, faults and limits of the sensor.
enum SignalEvents {
    /// Applies each with its own small probability. The signal has a spread of about 1.
    static func apply(to x: inout [Double], _ random: inout SeededRandom) {
        if random.uniform() < 0.15 { silence(&x, &random) }
        if random.uniform() < 0.25 { shiftLevel(&x, &random) }
        if random.uniform() < 0.2 { addTrend(&x, &random) }
        if random.uniform() < 0.15 { changeSpread(&x, &random) }
        if random.uniform() < 0.25 { addSpikes(&x, &random) }
        if random.uniform() < 0.6 { addNoise(&x, &random) }
        if random.uniform() < 0.1 { stick(&x, &random) }
        if random.uniform() < 0.1 { saturate(&x, &random) }
        if random.uniform() < 0.25 { round(&x, &random) }
    }

    /// Pauses between stretches of it: what is measured begins, dies away and begins anew.
    private static func silence(_ x: inout [Double], _ random: inout SeededRandom) {
        let (on, off) = (random.logUniform(20, 800), random.logUniform(20, 800))
        let (attack, decay) = (1 / random.logUniform(1, 40), 1 / random.logUniform(1, 150))
        var (isOn, strength) = (false, 0.0)
        for index in x.indices {
            if random.uniform() < 1 / (isOn ? on : off) { isOn.toggle() }
            strength += isOn ? attack * (1 - strength) : -decay * strength
            x[index] *= strength
        }
    }

    private static func shiftLevel(_ x: inout [Double], _ random: inout SeededRandom) {
        for _ in 0..<1 + random.index(3) {
            let size = random.standardNormal() * 2
            for index in random.index(x.count)..<x.count { x[index] += size }
        }
    }

    private static func addTrend(_ x: inout [Double], _ random: inout SeededRandom) {
        let slope = random.standardNormal() * 0.001
        let start = random.index(x.count)
        for index in start..<x.count { x[index] += slope * Double(index - start) }
    }

    private static func changeSpread(_ x: inout [Double], _ random: inout SeededRandom) {
        let factor = random.logUniform(0.1, 4)
        for index in random.index(x.count)..<x.count { x[index] *= factor }
    }

    private static func addSpikes(_ x: inout [Double], _ random: inout SeededRandom) {
        let gap = random.logUniform(100, 3000)
        let size = random.uniform(2, 10)
        for index in x.indices where random.uniform() < 1 / gap { x[index] += size * random.standardNormal() }
    }

    private static func addNoise(_ x: inout [Double], _ random: inout SeededRandom) {
        let size = random.logUniform(0.005, 0.5)
        for index in x.indices { x[index] += size * random.standardNormal() }
    }

    /// The last value again and again.
    private static func stick(_ x: inout [Double], _ random: inout SeededRandom) {
        let start = random.index(x.count)
        let end = min(x.count, start + Int(random.logUniform(10, 500)))
        for index in start..<end { x[index] = x[start] }
    }

    private static func saturate(_ x: inout [Double], _ random: inout SeededRandom) {
        let limit = random.uniform(0.5, 2)
        let isOneSided = random.uniform() < 0.5
        for index in x.indices { x[index] = max(isOneSided ? -.infinity : -limit, min(limit, x[index])) }
    }

    /// The steps of a coarse converter.
    private static func round(_ x: inout [Double], _ random: inout SeededRandom) {
        let step = random.logUniform(0.01, 0.4)
        for index in x.indices { x[index] = (x[index] / step).rounded() * step }
    }
}
