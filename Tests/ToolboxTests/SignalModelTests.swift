import SedgeCore
import Testing

@testable import sedge

@Suite struct SignalModelTests {
    private static let second: Int64 = 1_000_000

    /// A channel sampled 10 times a second.
    private func series(_ model: some SignalModel, channel: Int, seconds: Range<Int>) -> [Double] {
        (seconds.lowerBound * 10..<seconds.upperBound * 10).map { model.sample(at: Int64($0) * 100_000)[channel] }
    }

    private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    private func rms(_ values: [Double]) -> Double { mean(values.map { $0 * $0 }).squareRoot() }

    /// Fourth moment over the squared second: 3 for a normal distribution, 1.5 for a sine, more with impacts.
    private func kurtosis(_ values: [Double]) -> Double {
        let centre = mean(values)
        let deviations = values.map { $0 - centre }
        let variance = mean(deviations.map { $0 * $0 })
        return mean(deviations.map { $0 * $0 * $0 * $0 }) / (variance * variance)
    }

    @Test(arguments: SimulatedKind.allCases)
    func aSeedGivesTheSameValuesInAnyOrder(kind: SimulatedKind) {
        let model = kind.model(number: 1, seed: 7, wear: BearingWear(start: 5, ramp: 5))
        let again = kind.model(number: 1, seed: 7, wear: BearingWear(start: 5, ramp: 5))
        let other = kind.model(number: 2, seed: 7, wear: nil)
        let times = (0..<200).map { Int64($0) * 130_000 }
        let forwards = times.map { model.sample(at: $0) }
        let backwards = Array(times.reversed().map { again.sample(at: $0) }.reversed())
        #expect(forwards == backwards)
        #expect(forwards != times.map { other.sample(at: $0) })
        #expect(forwards.allSatisfy { $0.count == kind.channels.count && $0.allSatisfy { $0.isFinite } })
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func wearRaisesVibrationImpactsHeatAndCurrent(seed: UInt64) {
        let worn = PumpModel(seed: seed, wear: BearingWear(start: 300, ramp: 60))
        let healthy = PumpModel(seed: seed)
        let (before, after) = (100..<300, 500..<700)
        for channel in 0..<3 {
            #expect(
                series(worn, channel: channel, seconds: before) == series(healthy, channel: channel, seconds: before),
                "nothing shows before the fault")
        }
        let vibration = series(worn, channel: 0, seconds: after)
        let calm = series(healthy, channel: 0, seconds: after)
        #expect(rms(vibration) > 1.5 * rms(calm))
        #expect(kurtosis(vibration) > kurtosis(calm) + 1)
        let warming = mean(series(worn, channel: 1, seconds: after)) - mean(series(healthy, channel: 1, seconds: after))
        #expect(abs(warming - 14) < 0.5)
        #expect(
            mean(series(worn, channel: 2, seconds: after)) > 1.05 * mean(series(healthy, channel: 2, seconds: after)))
    }

    @Test func wearGrowsAlongItsRampAndHeatComesLater() {
        let wear = BearingWear(start: 100, ramp: 50)
        #expect(wear.level(at: 99) == 0 && wear.level(at: 125) == 0.5 && wear.level(at: 1000) == 1)
        var last = 0.0
        for second in stride(from: 100.0, to: 600, by: 1) {
            let level = wear.lagged(at: second, constant: 45)
            #expect(level >= last && level <= wear.level(at: second))
            last = level
        }
        #expect(last > 0.99)
    }

    @Test func aHealthyPumpKeepsItsLevels() {
        let pump = PumpModel(seed: 5)
        let early = series(pump, channel: 0, seconds: 0..<300)
        let late = series(pump, channel: 0, seconds: 3000..<3300)
        #expect(abs(rms(early) / rms(late) - 1) < 0.05)
        let temperature = series(pump, channel: 1, seconds: 0..<1000)
        #expect(temperature.max()! - temperature.min()! < 4)
    }

    @Test func activitiesFillTheHourAndLookDifferent() {
        let model = WearableModel(seed: 3)
        for (segment, next) in zip(model.segments, model.segments.dropFirst()) {
            #expect(segment.end == next.start && segment.activity != next.activity)
        }
        #expect(Set(model.segments.map(\.activity)) == Set(Activity.allCases))
        #expect(model.period >= 3600)
        /// How much the acceleration's magnitude moves within stretches of an activity, without their beginnings.
        func liveliness(_ activity: Activity) -> Double {
            let magnitudes = model.segments.filter { $0.activity == activity }.prefix(10).map { segment in
                stride(from: segment.start + 1, to: segment.end, by: 0.05).map { time in
                    let sample = model.sample(at: Int64(time * 1e6))
                    return rms(sample) * 3.0.squareRoot()
                }
            }
            return mean(magnitudes.map { values in rms(values.map { $0 - mean(values) }) })
        }
        #expect(liveliness(.sitting) < 0.03)
        #expect(liveliness(.turning) > 2 * liveliness(.sitting))
        #expect(liveliness(.walking) > 1.5 * liveliness(.turning))
        // At rest the sensor feels gravity and nothing else.
        let rest = model.sample(at: Int64((model.segments[0].start + 5) * 1e6))
        #expect(abs(rms(rest) * 3.0.squareRoot() - 1) < 0.06)
    }

    @Test func aRoomFollowsItsPeopleAndItsDay() {
        let room = RoomModel(seed: 4)
        let hours = stride(from: 0.0, to: 86_400, by: 300).map { ($0, room.sample(at: Int64($0 * 1e6))) }
        #expect(hours.allSatisfy { (395.0...1400).contains($0.1[2]) && (15.0...27).contains($0.1[0]) })
        let crowded = hours.filter { room.people(at: $0.0) >= 2 && room.people(at: max(0, $0.0 - 3000)) >= 2 }
        let night = hours.filter { (16.0 * 3600..<22 * 3600).contains($0.0) }
        #expect(!crowded.isEmpty)
        #expect(mean(crowded.map { $0.1[2] }) > mean(night.map { $0.1[2] }) + 200)
        // The next day is the same but for the noise.
        let (today, tomorrow) = (room.sample(at: 3600 * Self.second), room.sample(at: 90_000 * Self.second))
        #expect(abs(today[2] - tomorrow[2]) < 60)
    }

    @Test func noiseIsNormalAndIndependent() {
        let (one, two) = (NoiseSource(seed: 1, channel: 1), NoiseSource(seed: 1, channel: 2))
        let values = (0..<20_000).map { one.gaussian(at: Int64($0) * 100_000) }
        #expect(abs(mean(values)) < 0.03)
        #expect(abs(rms(values) - 1) < 0.03)
        #expect(abs(kurtosis(values) - 3) < 0.2)
        let product = (0..<20_000).map { values[$0] * two.gaussian(at: Int64($0) * 100_000) }
        #expect(abs(mean(product)) < 0.03)
        let smooth = (0..<20_000).map { one.smooth(at: Double($0) * 0.1, period: 2) }
        #expect(abs(rms(smooth) - 1) < 0.1)
        #expect(zip(smooth, smooth.dropFirst()).allSatisfy { abs($0 - $1) < 0.8 })
    }
}
