import Learning
import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Signals that repeat: rotating machines, mains, tides, heartbeats, days.
enum PeriodicSignals {
    /// One to six harmonics of a base period of 4 to 2,000 samples, with a slightly unsteady phase.
    static func harmonics(_ count: Int, _ random: inout SeededRandom) -> [Double] {
        let step = 2 * .pi / random.logUniform(4, 2000)
        let unsteadiness = random.uniform() < 0.5 ? 0 : random.logUniform(0.001, 0.1) * step
        let tones = (1...1 + random.index(6)).map { harmonic in
            (
                multiple: Double(harmonic), size: random.standardNormal() / Double(harmonic),
                phase: random.uniform(0, 6.3)
            )
        }
        var phase = 0.0
        return (0..<count).map { _ in
            phase += step + (unsteadiness == 0 ? 0 : unsteadiness * random.standardNormal())
            return tones.reduce(0) { $0 + $1.size * sin($1.multiple * phase + $1.phase) }
        }
    }

    /// A triangle, saw tooth, square or rounded wave.
    static func wave(_ count: Int, _ random: inout SeededRandom) -> [Double] {
        let period = random.logUniform(6, 1500)
        let rise = random.uniform(0.02, 0.98)
        let kind = random.index(4)
        var position = random.uniform()
        return (0..<count).map { _ in
            position += 1 / period
            if position >= 1 { position -= 1 }
            return switch kind {
            case 0: position < rise ? 2 * position / rise - 1 : 1 - 2 * (position - rise) / (1 - rise)
            case 1: 2 * position - 1
            case 2: position < rise ? 1 : -1
            default: tanh(4 * sin(2 * .pi * position))
            }
        }
    }

    /// A tone whose frequency wanders between two limits: machines that run up and down.
    static func chirp(_ count: Int, _ random: inout SeededRandom) -> [Double] {
        let period = random.logUniform(5, 300)
        let width = random.uniform(0.2, 1.2)
        let sweep = 2 * .pi / random.logUniform(300, 5000)
        let start = random.uniform(0, 6.3)
        var phase = 0.0
        return (0..<count).map { index in
            phase += 2 * .pi / period * exp(width * sin(sweep * Double(index) + start))
            return 1.4 * sin(phase)
        }
    }

    /// A carrier under a slow envelope, or two tones that beat.
    static func modulated(_ count: Int, _ random: inout SeededRandom) -> [Double] {
        let carrier = 2 * .pi / random.logUniform(4, 100)
        let envelope = carrier / random.logUniform(5, 80)
        let depth = random.uniform(0.3, 1)
        let phase = random.uniform(0, 6.3)
        return (0..<count).map { index -> Double in
            let swell: Double = 0.5 + 0.5 * sin(envelope * Double(index) + phase)
            return 1.4 * sin(carrier * Double(index)) * (1 - depth * swell)
        }
    }

    /// A daily shape, drawn once and repeated with small differences, and a week that has two other days.
    static func daily(_ count: Int, _ random: inout SeededRandom) -> [Double] {
        let samples = random.logUniform(24, 1440)
        let shape = (0..<24).map { hour -> Double in
            let noise: Double = random.standardNormal() * 0.3
            let sun: Double = 1.5 * sin(2 * .pi * (Double(hour) / 24 + 0.6))
            return noise + sun * (hour > 6 && hour < 19 ? 1 : 0.4)
        }
        let weekend = random.uniform(0.2, 1)
        let start = random.uniform(0, 7)
        var size = 1.0
        var today = -1
        return (0..<count).map { index -> Double in
            let time: Double = start + Double(index) / samples
            let day = Int(time)
            if day != today {
                today = day
                size = (day % 7 >= 5 ? weekend : 1) * (1 + 0.1 * random.standardNormal())
            }
            let hour = (time - Double(day)) * 24
            let (before, share) = (Int(hour), hour - Double(Int(hour)))
            return size * ((1 - share) * shape[before % 24] + share * shape[(before + 1) % 24])
        }
    }

    /// A train of shaped pulses with jitter in time: heartbeats, strokes of a press, meter ticks.
    static func pulses(_ count: Int, _ random: inout SeededRandom) -> [Double] {
        let period = random.logUniform(10, 400)
        let width = period * random.uniform(0.02, 0.2)
        let jitter = random.uniform(0, 0.08)
        let second = random.uniform(-0.6, 0.6)
        var next = random.uniform(0, period)
        var last = -period
        var size = 1.0
        return (0..<count).map { index -> Double in
            let time = Double(index)
            if time >= next {
                last = next
                next += period * (1 + jitter * random.standardNormal())
                size = 1 + 0.08 * random.standardNormal()
            }
            let (x, y) = ((time - last) / width - 2, (time - last) / width - 6)
            return 3 * size * (exp(-x * x) + second * exp(-0.25 * y * y))
        }
    }

    /// One closed line, smooth to jagged, gone round again and again: the outline of a thing, the stroke of a tool.
    static func contour(_ count: Int, _ random: inout SeededRandom) -> [Double] {
        let period = random.logUniform(24, 1500)
        let fall = random.uniform(0.7, 2.2)  // amplitude of harmonic k is k^−fall
        let fold = random.uniform() < 0.3
        let samples = 256
        var line = [Double](repeating: 0, count: samples + 1)
        for harmonic in 1...20 {
            let size = random.standardNormal() * exp(-fall * log(Double(harmonic)))
            let phase = random.uniform(0, 6.3)
            for place in line.indices {
                line[place] += size * sin(2 * .pi * Double(harmonic * place) / Double(samples) + phase)
            }
        }
        if fold { line = line.map { 2 * abs($0) - 1 } }
        let unsteadiness = random.uniform(0, 0.05)
        var (position, pace) = (random.uniform(), 1.0)
        return (0..<count).map { _ in
            position += pace / period
            if position >= 1 {
                position -= position.rounded(.down)
                pace = max(0.5, 1 + unsteadiness * random.standardNormal())
            }
            let place = position * Double(samples)
            let (before, share) = (Int(place), place - place.rounded(.down))
            return (1 - share) * line[before] + share * line[min(samples, before + 1)]
        }
    }
}
