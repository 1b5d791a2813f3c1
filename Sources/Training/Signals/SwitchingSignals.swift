import Learning
import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Signals that change their mind: thermostats, valves, set points, commands, operating modes.
enum SwitchingSignals {
    /// On and off, regularly or at random, each side with its own noise.
    static func dutyCycle(_ count: Int, _ random: inout SeededRandom) -> [Double] {
        let (on, off) = (random.logUniform(8, 800), random.logUniform(8, 800))
        let isRegular = random.uniform() < 0.6
        let (noiseOn, noiseOff) = (random.logUniform(0.003, 0.4), random.logUniform(0.001, 0.1))
        var isOn = random.uniform() < 0.5
        var left = 0.0
        return (0..<count).map { _ in
            left -= 1
            if left <= 0 {
                isOn.toggle()
                let mean = isOn ? on : off
                left = isRegular ? mean * (1 + 0.05 * random.standardNormal()) : -mean * log(1 - random.uniform())
            }
            return (isOn ? 1 : -1) + (isOn ? noiseOn : noiseOff) * random.standardNormal()
        }
    }

    /// Levels that are set now and then and reached with a lag, sometimes with overshoot.
    static func setPoints(_ count: Int, _ random: inout SeededRandom) -> [Double] {
        let stay = random.logUniform(30, 1500)
        let stiffness = 1 / random.logUniform(1, 60)
        let damping = random.uniform(0.15, 1.5)
        let noise = random.logUniform(0.003, 0.2)
        var target = random.standardNormal()
        var (position, speed) = (target, 0.0)
        return (0..<count).map { _ in
            if random.uniform() < 1 / stay { target = random.standardNormal() }
            speed += stiffness * stiffness * (target - position) - 2 * damping * stiffness * speed
            position += speed
            return max(-50, min(50, position)) + noise * random.standardNormal()
        }
    }

    /// Heating and cooling between two thresholds: exponential arcs, as a thermostat draws them.
    static func relaxation(_ count: Int, _ random: inout SeededRandom) -> [Double] {
        let (heat, cool) = (1 / random.logUniform(10, 400), 1 / random.logUniform(10, 400))
        let (top, bottom) = (random.uniform(1.1, 2), -random.uniform(1.1, 2))
        let noise = random.logUniform(0.002, 0.1)
        var isHeating = true
        var value = 0.0
        return (0..<count).map { _ in
            value += isHeating ? heat * (top - value) : cool * (bottom - value)
            if value > 1 { isHeating = false }
            if value < -1 { isHeating = true }
            return value + noise * random.standardNormal()
        }
    }

    /// Two or three other signals, one at a time: operating modes of one machine.
    static func regimes(_ count: Int, _ random: inout SeededRandom) -> [Double] {
        let kinds: [SignalFamily] = [
            .harmonics, .autoregressive, .meanReverting, .wave, .machineVibration, .smooth, .pulses, .dutyCycle,
        ]
        let modes = (0..<2 + random.index(2)).map { _ in
            (
                signal: kinds[random.index(kinds.count)].draw(count, &random), gain: random.logUniform(0.1, 1.5),
                offset: random.uniform(-1.5, 1.5)
            )
        }
        let stay = random.logUniform(60, 1500)
        var mode = 0
        return (0..<count).map { index in
            if random.uniform() < 1 / stay { mode = random.index(modes.count) }
            return modes[mode].offset + modes[mode].gain * modes[mode].signal[index]
        }
    }

    /// Counters and tanks: a slope until a limit, then a reset.
    static func ramps(_ count: Int, _ random: inout SeededRandom) -> [Double] {
        let length = random.logUniform(20, 2000)
        let unevenness = random.uniform(0, 1)
        let noise = random.logUniform(0.001, 0.05)
        var value = random.uniform(-1, 1)
        var slope = 2 / length
        return (0..<count).map { _ in
            value += slope * (1 + unevenness * random.standardNormal())
            if value > 1 {
                value = -1
                slope = 2 / length * random.uniform(0.7, 1.4)
            }
            return value + noise * random.standardNormal()
        }
    }

    /// Two to five levels without noise: commands, states, counters of a telemetry frame.
    static func discrete(_ count: Int, _ random: inout SeededRandom) -> [Double] {
        let levels = (0..<2 + random.index(4)).map { _ in random.standardNormal() }
        let stay = random.logUniform(2, 500)
        let isCyclic = random.uniform() < 0.4
        var level = 0
        var left = stay
        return (0..<count).map { _ in
            left -= 1
            if left <= 0 {
                level = isCyclic ? (level + 1) % levels.count : random.index(levels.count)
                left = isCyclic ? stay : -stay * log(1 - random.uniform())
            }
            return levels[level]
        }
    }
}
