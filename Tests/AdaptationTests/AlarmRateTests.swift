import SedgeCore
import Testing

@testable import Adaptation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The calibration of the evidence and the alarm together, as shipped, on long stationary evidence without the scorers'
/// cost. A hundred alarms are asked for, whose number scatters by ten. Far rarer ones are fewer than asked for where tails
/// are light (docs/results/adaptation.md).
@Suite struct AlarmRateTests {
    private static let asked = 100

    /// Sums of six exponentials, of which `shared` are kept from one step to the next: independent or in runs.
    @Test(arguments: [(150.0, 0), (600.0, 0), (600.0, 4)])
    func aStationaryStreamAlarmsAsOftenAsAsked(perWeek: Double, shared: Int) {
        let stepSeconds = 1.0
        var alarm = AnomalyAlarm(alarmsPerWeek: perWeek, stepSeconds: stepSeconds)
        var calibrator = StreamLearner.finalCalibrator(memory: 1_000_000)
        var random = SeededRandom(seed: 61)
        var parts = [Double](repeating: 1, count: 6)
        let steps = Int(Double(Self.asked) * 604_800 / perWeek)
        var starts = 0
        for step in 0..<steps {
            for index in 0..<6 where index >= shared || random.uniform() < 0.2 {
                parts[index] = -log(1 - random.uniform())
            }
            let evidence = parts.reduce(0, +)
            let score = step < 500 ? 0 : -log10(calibrator.pValue(evidence))
            let told = alarm.observe(
                time: Timestamp(milliseconds: Int64(step) * 1000), score: score,
                extremalIndex: calibrator.extremalIndex, mayStart: step >= 500)
            if case .start? = told { starts += 1 }
            if !alarm.isConfirmed { calibrator.observe(evidence) }
        }
        let factor = Double(starts) / Double(Self.asked)
        #expect((1 / 1.5...1.5).contains(factor), "expected about \(Self.asked) alarms, found \(starts)")
    }
}
