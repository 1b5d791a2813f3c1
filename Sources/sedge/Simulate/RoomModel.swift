#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif
import SedgeCore

/// A room's temperature (°C), relative humidity (%) and CO₂ (ppm).
///
/// The simulation begins at eight in the morning. Outside, temperature follows the day; people come and go in
/// stretches that the seed decides, and their heat, moisture and breath fill the room behind a first-order lag (the
/// air is changed about twice an hour). The day is repeated.
struct RoomModel: SignalModel {
    static let channels = ["temperature", "humidity", "co2"]

    /// A stretch of the day with the same number of people; `filling` is how full of their breath the room is when
    /// it begins, as the number of people who would keep it so.
    private struct Stretch {
        let start: Double
        let people: Double
        let filling: Double
    }

    private let stretches: [Stretch]
    private let noise: [NoiseSource]
    private static let day = 86_400.0
    private static let startOfSimulation = 8 * 3600.0
    /// Seconds in which two thirds of the air are changed.
    private static let airConstant = 1800.0

    init(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        noise = (0..<3).map { NoiseSource(seed: seed, channel: 32 + UInt64($0)) }
        var changes: [(start: Double, people: Double)] = [(0, 0)]
        var time = 7.5 * 3600
        while time < 21 * 3600 {
            let people = (4 * random.uniform()).rounded(.down)
            changes.append((time, people))
            time += 1200 + 4800 * random.uniform()
        }
        changes.append((time, 0))
        // Night is long enough for the room to be empty of breath at midnight; so the day closes on itself.
        var stretches: [Stretch] = []
        var filling = 0.0
        for (index, change) in changes.enumerated() {
            stretches.append(Stretch(start: change.start, people: change.people, filling: filling))
            let end = index + 1 < changes.count ? changes[index + 1].start : Self.day
            filling = change.people + (filling - change.people) * exp(-(end - change.start) / Self.airConstant)
        }
        self.stretches = stretches
    }

    /// How many people are in the room, at a time in seconds since the simulation began.
    func people(at seconds: Double) -> Int { Int(stretch(at: seconds).stretch.people) }

    func sample(at time: Int64, into values: inout [Double]) {
        let seconds = Double(time) * 1e-6
        let (stretch, elapsed, hourAngle) = stretch(at: seconds)
        let filling = stretch.people + (stretch.filling - stretch.people) * exp(-elapsed / Self.airConstant)
        // Warmest at three in the afternoon.
        let outside = cos(hourAngle - 2 * .pi * 15 / 24)
        values[0] =
            20.5 + 1.4 * outside + 0.35 * filling + 0.1 * noise[0].smooth(at: seconds, period: 300)
            + 0.02 * noise[0].gaussian(at: time)
        values[1] =
            46 - 4 * outside + 1.6 * filling + 0.5 * noise[1].smooth(at: seconds, period: 400)
            + 0.15 * noise[1].gaussian(at: time)
        values[2] =
            425 + 260 * filling + 6 * noise[2].smooth(at: seconds, period: 120) + 2.5 * noise[2].gaussian(at: time)

        values[0] = values[0].resolved(100)
        values[1] = values[1].resolved(100)
        values[2] = values[2].resolved(1)
    }

    private func stretch(at seconds: Double) -> (stretch: Stretch, elapsed: Double, hourAngle: Double) {
        let time = (seconds + Self.startOfSimulation).truncatingRemainder(dividingBy: Self.day)
        let stretch = stretches.last { $0.start <= time } ?? stretches[0]
        return (stretch, time - stretch.start, 2 * .pi * time / Self.day)
    }
}
