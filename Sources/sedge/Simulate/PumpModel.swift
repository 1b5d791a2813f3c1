#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif
import SedgeCore

/// A slow dosing pump with a sensor for the casing's vibration (mm/s), its temperature (°C) and the motor's current (A).
///
/// One turn of the shaft takes about 0.7 s, so that the turn and its first harmonics fit below half of the default
/// 10 samples a second. The load follows the plant's filling cycle; current follows the load at once, temperature
/// behind a thermal lag. A worn bearing adds an impact at every ball pass (outer race, 3.58 a turn, with slip) whose
/// size scatters and grows, friction that the motor has to overcome, and heat.
struct PumpModel: SignalModel {
    static let channels = ["vibration", "temperature", "current"]

    let wear: BearingWear?

    /// Turns a second.
    private let shaft: Double
    private let phase: Double
    /// Vibration's amplitude at once, twice, three times the shaft's frequency, at full load.
    private let harmonics: (Double, Double, Double)
    private let ambient: Double
    private let cycles: [LoadCycle]
    private let vibrationNoise, temperatureNoise, currentNoise, loadNoise, impactNoise: NoiseSource

    /// Seconds in which the casing follows two thirds of a change of heat.
    private static let thermalConstant = 45.0
    private static let meanLoad = 0.7
    /// Ball passes of the outer race for one turn of the shaft.
    private static let ballPasses = 3.58

    init(seed: UInt64, wear: BearingWear? = nil) {
        self.wear = wear
        var random = SeededRandom(seed: seed)
        shaft = 1.40 + 0.10 * random.uniform()
        phase = 2 * .pi * random.uniform()
        harmonics = (1.1 + 0.2 * random.uniform(), 0.45 + 0.1 * random.uniform(), 0.15 + 0.1 * random.uniform())
        ambient = 21 + 3 * random.uniform()
        cycles = [
            LoadCycle(amplitude: 0.16, period: 17 + 3 * random.uniform(), phase: 2 * .pi * random.uniform()),
            LoadCycle(amplitude: 0.05, period: 5.5 + random.uniform(), phase: 2 * .pi * random.uniform()),
        ]
        vibrationNoise = NoiseSource(seed: seed, channel: 1)
        temperatureNoise = NoiseSource(seed: seed, channel: 2)
        currentNoise = NoiseSource(seed: seed, channel: 3)
        loadNoise = NoiseSource(seed: seed, channel: 4)
        impactNoise = NoiseSource(seed: seed, channel: 5)
    }

    func sample(at time: Int64, into values: inout [Double]) {
        let seconds = Double(time) * 1e-6
        let load = cycles.reduce(Self.meanLoad + 0.02 * loadNoise.smooth(at: seconds, period: 4)) {
            $0 + $1.value(at: seconds)
        }
        let damage = wear?.level(at: seconds) ?? 0
        let angle = 2 * .pi * shaft * seconds + phase

        let rotation =
            harmonics.0 * sin(angle) + harmonics.1 * sin(2 * angle + 0.7) + harmonics.2 * sin(3 * angle + 1.9)
        values[0] =
            rotation * (0.55 + 0.45 * load) * (1 + 0.35 * damage)
            + impact(seconds: seconds, time: time, damage: damage, load: load)
            + (0.12 + 0.25 * damage) * vibrationNoise.gaussian(at: time)

        let heat = cycles.reduce(Self.meanLoad) { $0 + $1.lagged(at: seconds, constant: Self.thermalConstant) }
        let friction = wear?.lagged(at: seconds, constant: Self.thermalConstant) ?? 0
        values[1] =
            ambient + 22 * heat + 14 * friction + 0.15 * temperatureNoise.smooth(at: seconds, period: 30)
            + 0.06 * temperatureNoise.gaussian(at: time)

        values[2] =
            1.2 + 4.1 * load * (1 + 0.12 * damage) + 0.10 * sin(2 * angle + 0.3)
            + 0.05 * currentNoise.gaussian(at: time)

        values[0] = values[0].resolved(1000)
        values[1] = values[1].resolved(100)
        values[2] = values[2].resolved(1000)
    }

    /// What the sensor shows of the last ball that passed the damage: a ringing far above the sampling rate, so its
    /// sign is chance; each ball's size scatters as an exponential does.
    private func impact(seconds: Double, time: Int64, damage: Double, load: Double) -> Double {
        guard damage > 0 else { return 0 }
        let passes = Self.ballPasses * shaft * seconds + 0.05 * impactNoise.smooth(at: seconds, period: 1.5)
        // About half of all samples fall into the time between an impact and the next in which it is felt.
        guard passes - passes.rounded(.down) < 0.45 else { return 0 }
        let size = -log(1 - impactNoise.uniform(at: Int64(passes)))
        let sign: Double = impactNoise.uniform(at: ~time) < 0.5 ? -1 : 1
        return sign * 2.2 * damage * (0.5 + 0.5 * load) * (0.4 + size)
    }
}
