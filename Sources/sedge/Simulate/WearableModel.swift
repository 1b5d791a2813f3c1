#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif
import SedgeCore

/// Acceleration of a wrist in g, along the forearm (ax), across it (ay) and out of it (az).
///
/// The wearer sits, walks and turns in stretches whose order and length the seed decides; the hour that it makes
/// is repeated. Gravity turns with the posture; walking adds the steps (about 1.9 a second, with harmonics) and the
/// swing of the arm at half of that; a turn adds a sway and the pull outwards.
struct WearableModel: SignalModel {
    static let channels = ["ax", "ay", "az"]

    /// In order, without holes, from 0 to `period`.
    let segments: [ActivitySegment]
    /// After this many seconds the segments begin again.
    var period: Double { segments[segments.count - 1].end }

    /// Steps a second.
    private let cadence: Double
    private let noise: [NoiseSource]
    /// Seconds in which one posture turns into the next.
    private static let transition = 0.8

    init(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        cadence = 1.8 + 0.2 * random.uniform()
        noise = (0..<4).map { NoiseSource(seed: seed, channel: 16 + UInt64($0)) }
        var segments: [ActivitySegment] = []
        var start = 0.0
        var activity = Activity.sitting
        while start < 3600 {
            let length: Double =
                switch activity {
                case .sitting: 15 + 25 * random.uniform()
                case .walking: 12 + 20 * random.uniform()
                case .turning: 2.5 + 2.5 * random.uniform()
                }
            segments.append(ActivitySegment(activity: activity, start: start, end: start + length))
            start += length
            // Nobody turns out of a chair: a walk comes before and after each turn.
            activity =
                switch activity {
                case .sitting, .turning: .walking
                case .walking: random.uniform() < 0.5 ? .turning : .sitting
                }
        }
        self.segments = segments
    }

    /// What the wearer does at a time in seconds, and for how long already.
    func activity(at seconds: Double) -> (activity: Activity, elapsed: Double, previous: Activity) {
        let time = seconds.truncatingRemainder(dividingBy: period)
        var (low, high) = (0, segments.count - 1)
        while low < high {
            let middle = (low + high + 1) / 2
            if segments[middle].start <= time { low = middle } else { high = middle - 1 }
        }
        let previous = segments[low == 0 ? segments.count - 1 : low - 1].activity
        return (segments[low].activity, time - segments[low].start, previous)
    }

    func sample(at time: Int64, into values: inout [Double]) {
        let seconds = Double(time) * 1e-6
        let (activity, elapsed, previous) = activity(at: seconds)
        let share = min(1, elapsed / Self.transition)
        let new = motion(activity, at: seconds)
        let old = share < 1 ? motion(previous, at: seconds) : new
        for axis in 0..<3 {
            let value = new[axis] * share + old[axis] * (1 - share) + 0.012 * noise[axis].gaussian(at: time)
            values[axis] = value.resolved(1000)
        }
    }

    private func motion(_ activity: Activity, at seconds: Double) -> SIMD3<Double> {
        let fidget = noise[3].smooth(at: seconds, period: 3)
        let step = 2 * .pi * cadence * seconds
        switch activity {
        case .sitting:
            // The forearm rests on the table, nearly level.
            return SIMD3(0.12 + 0.015 * fidget, 0.05, 0.985 + 0.005 * fidget)
        case .walking:
            // The arm hangs; its swing takes two steps.
            let swing = 0.22 * sin(step / 2)
            let heel = 0.28 * sin(step) + 0.12 * sin(2 * step + 0.6) + 0.05 * sin(3 * step + 1.1)
            return SIMD3(-0.93 - heel, 0.20 + 0.10 * sin(step / 2 + 0.4), 0.25 + swing + 0.03 * fidget)
        case .turning:
            // Smaller steps, and the pull outwards of a turn in about three seconds at half a metre.
            let heel = 0.14 * sin(step * 0.85) + 0.05 * sin(2 * step * 0.85)
            return SIMD3(-0.90 - heel, 0.42 + 0.08 * sin(step * 0.42), 0.18 + 0.04 * fidget)
        }
    }
}
