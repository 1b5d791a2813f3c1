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
}
