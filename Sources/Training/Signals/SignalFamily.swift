import Learning
import SedgeCore

/// The kinds of sensor signal that the generator mixes: what machines, rooms, bodies and networks look like at an
/// unknown rate, each with random parameters over decades of time scale.
package enum SignalFamily: CaseIterable, Sendable {
    // Periodic.
    case harmonics, wave, chirp, modulated, daily, pulses, contour
    // Stochastic.
    case autoregressive, randomWalk, meanReverting, bursts, multiplicative, smooth
    // Switching.
    case dutyCycle, setPoints, relaxation, regimes, ramps, discrete
    // Moving.
    case activity, machineVibration, decayingHits, movements

    /// `count` samples of one draw of this family, around 0 with a spread of about 1.
    func draw(_ count: Int, _ random: inout SeededRandom) -> [Double] {
        switch self {
        case .harmonics: PeriodicSignals.harmonics(count, &random)
        case .wave: PeriodicSignals.wave(count, &random)
        case .chirp: PeriodicSignals.chirp(count, &random)
        case .modulated: PeriodicSignals.modulated(count, &random)
        case .daily: PeriodicSignals.daily(count, &random)
        case .pulses: PeriodicSignals.pulses(count, &random)
        case .contour: PeriodicSignals.contour(count, &random)
        case .autoregressive: StochasticSignals.autoregressive(count, &random)
        case .randomWalk: StochasticSignals.randomWalk(count, &random)
        case .meanReverting: StochasticSignals.meanReverting(count, &random)
        case .bursts: StochasticSignals.bursts(count, &random)
        case .multiplicative: StochasticSignals.multiplicative(count, &random)
        case .smooth: StochasticSignals.smooth(count, &random)
        case .dutyCycle: SwitchingSignals.dutyCycle(count, &random)
        case .setPoints: SwitchingSignals.setPoints(count, &random)
        case .relaxation: SwitchingSignals.relaxation(count, &random)
        case .regimes: SwitchingSignals.regimes(count, &random)
        case .ramps: SwitchingSignals.ramps(count, &random)
        case .discrete: SwitchingSignals.discrete(count, &random)
        case .activity: MotionSignals.activity(count, &random)
        case .machineVibration: MotionSignals.machineVibration(count, &random)
        case .decayingHits: MotionSignals.decayingHits(count, &random)
        case .movements: MotionSignals.movements(count, &random)
        }
    }
}
