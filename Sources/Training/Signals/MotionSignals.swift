import Learning
import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Signals of acceleration: people and machines in motion.
enum MotionSignals {
    /// Rest, walking and running of a body, with a posture that sets the level.
    static func activity(_ count: Int, _ random: inout SeededRandom) -> [Double] {
        let rate = random.logUniform(10, 60)  // samples of one gait cycle
        let stay = random.logUniform(100, 1500)
        let tones = (0..<4).map { (size: random.standardNormal() / Double(1 + $0), phase: random.uniform(0, 6.3)) }
        let intensities = [0.02, 0.3, 1.0]
        var mode = random.index(3)
        var (phase, posture, target, strength) = (0.0, 0.0, 0.0, 0.0)
        var pace = 1.0
        return (0..<count).map { _ in
            if random.uniform() < 1 / stay {
                mode = random.index(3)
                target = random.standardNormal() * 0.8
                pace = [1.0, 1.0, 1.4][mode] * random.uniform(0.9, 1.1)
            }
            posture += (target - posture) / rate
            strength += (intensities[mode] - strength) / rate
            phase += 2 * .pi / rate * pace * (1 + 0.05 * random.standardNormal())
            var gait = 0.0
            for (index, tone) in tones.enumerated() { gait += tone.size * sin(Double(index + 1) * phase + tone.phase) }
            return posture + strength * (1.3 * gait + 0.3 * random.standardNormal()) + 0.02 * random.standardNormal()
        }
    }

    /// A shaft with its orders, noise that follows the load, and a load that changes.
    static func machineVibration(_ count: Int, _ random: inout SeededRandom) -> [Double] {
        let step = 2 * .pi / random.logUniform(4, 40)
        let orders = (1...4).map { order in
            (
                multiple: Double(order) * (order == 4 ? random.uniform(0.7, 1.1) : 1),
                size: abs(random.standardNormal()) / Double(order)
            )
        }
        let noise = random.logUniform(0.05, 1)
        let swing = random.uniform(0, 0.6)
        let loadStep = 2 * .pi / random.logUniform(200, 4000)
        var phase = 0.0
        return (0..<count).map { index in
            let load = 1 + swing * sin(loadStep * Double(index))
            phase += step * (1 + 0.02 * (load - 1))
            var value = noise * random.standardNormal()
            for order in orders { value += order.size * sin(order.multiple * phase) }
            return load * value
        }
    }

    /// Hits that ring and die away: bearing faults, doors, hammering.
    static func decayingHits(_ count: Int, _ random: inout SeededRandom) -> [Double] {
        let period = random.logUniform(20, 500)
        let regularity = random.uniform() < 0.5
        let decay = 1 - 1 / random.logUniform(3, 60)
        let turn = 2 * .pi / random.logUniform(3, 20)
        let noise = random.logUniform(0.02, 0.4)
        let (c, s) = (decay * cos(turn), decay * sin(turn))
        var (x, y) = (0.0, 0.0)
        var left = random.uniform(0, period)
        return (0..<count).map { _ in
            left -= 1
            if left <= 0 {
                y += 3 * (1 + 0.3 * random.standardNormal())
                left = regularity ? period * (1 + 0.03 * random.standardNormal()) : -period * log(1 - random.uniform())
            }
            (x, y) = (c * x + s * y, -s * x + c * y)
            return x + noise * random.standardNormal()
        }
    }

    /// Moves of an arm, a body or a robot between rests, at least jerk (Flash and Hogan, 1985): as a position, or as the
    /// speed that a gyroscope sees, with the tremor that moving brings along.
    static func movements(_ count: Int, _ random: inout SeededRandom) -> [Double] {
        let (rest, length) = (random.logUniform(5, 500), random.logUniform(8, 300))
        let isSpeed = random.uniform() < 0.5
        let tremor = random.logUniform(0.005, 0.4)
        let tremorStep = 2 * .pi / random.logUniform(4, 30)
        let noise = random.logUniform(0.003, 0.1)
        let returns = random.uniform() < 0.4
        var (from, to) = (0.0, 0.0)
        var (time, span, pause) = (0.0, 1.0, random.uniform(0, rest))
        return (0..<count).map { index in
            if time >= 1 {
                pause -= 1
                if pause <= 0 {
                    (from, to) = (to, returns && to != 0 ? 0 : random.standardNormal())
                    (time, span) = (0, length * random.logUniform(0.5, 2))
                    pause = -rest * log(1 - random.uniform())
                }
            }
            time = min(1, time + 1 / span)
            let (t, left) = (time, 1 - time)
            let speed = 30 * t * t * left * left  // at most 1.9
            let value = isSpeed ? (to - from) * speed : from + (to - from) * t * t * t * (10 - 15 * t + 6 * t * t)
            let shake = tremor * (0.1 + speed) * sin(tremorStep * Double(index) + 0.3 * random.standardNormal())
            return value + shake + noise * random.standardNormal()
        }
    }
}
