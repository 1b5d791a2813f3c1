import SedgeCore
import Testing

@testable import Adaptation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Each reason to take an adapted scorer back, by itself.
struct AdaptationWatchTests {
    /// `count` steps whose p-values are spread evenly, and those of the adapted scorer by `bend` of theirs.
    private func watch(
        _ count: Int = 1000, alarms: [Int] = [], frozenAlarms: [Int] = [], isCalibrated: Bool = true,
        bend: (Double) -> Double = { $0 }
    ) -> AdaptationWatch {
        var watch = AdaptationWatch()
        for step in 0..<count {
            let p = (Double(step * 7919 % count) + 0.5) / Double(count)
            watch.add(
                adapted: Self.verdict(bend(p), isStart: alarms.contains(step), isCalibrated: isCalibrated),
                frozen: Self.verdict(p, isStart: frozenAlarms.contains(step), isCalibrated: true))
        }
        return watch
    }

    static func verdict(_ p: Double, isStart: Bool = false, isCalibrated: Bool = true) -> LearnerVerdict {
        let time = Timestamp(milliseconds: 0)
        let event = AlarmEvent(start: time, end: time, severity: 0.5, peakScore: 6)
        return LearnerVerdict(
            isCalibrated: isCalibrated, score: -log10(p), pValue: p, alarm: isStart ? .start(event) : nil,
            openAlarm: isStart ? event : nil, regime: nil, regimeName: nil)
    }

    @Test func twoThatSayTheSameHaveNothingAgainstEachOther() {
        #expect(watch().verdict == nil && watch().objection == nil)
        #expect(watch(alarms: [5, 9], frozenAlarms: [5, 9]).verdict == nil)
        #expect(watch { pow($0, 1.2) }.verdict == nil, "a little less even")
    }

    /// At any step, and not at the end of the watch alone.
    @Test func twoAlarmsMoreAreTooMany() {
        #expect(watch(alarms: [5], frozenAlarms: []).objection == nil)
        #expect(watch(alarms: [5], frozenAlarms: []).verdict == nil)
        #expect(watch(10, alarms: [5, 9]).objection == .alarms && watch(alarms: [5, 9]).verdict == .alarms)
        #expect(watch(alarms: [5, 9], frozenAlarms: [7]).objection == nil)
    }

    /// They may still come, so not before the end of the watch.
    @Test func twoAlarmsLessAreMissed() {
        #expect(watch(frozenAlarms: [5]).verdict == nil)
        #expect(watch(frozenAlarms: [5, 9]).verdict == .missed && watch(frozenAlarms: [5, 9]).objection == nil)
        #expect(watch(alarms: [7], frozenAlarms: [5, 9]).verdict == nil)
    }

    /// Hardly any extreme, and no alarm: half of them lie above .71.
    @Test func pValuesThatAreLessEvenAreAReason() {
        let uneven = watch { $0.squareRoot() }
        #expect(uneven.adapted.extreme == 0 && uneven.adapted.unevenness > uneven.frozen.unevenness + 0.1)
        #expect(uneven.verdict == .pValues && uneven.objection == nil)
    }

    /// One in twenty where one in a hundred should be; everything above is as even as it was.
    @Test func tooManyExtremePValuesAreAReason() {
        let extreme = watch { $0 < 0.05 ? 0.2 * $0 : $0 }
        #expect(extreme.adapted.unevenness < 0.05)
        #expect(extreme.verdict == .pValues && extreme.objection == nil)
        #expect(watch { $0 < 0.02 ? 0.5 * $0 : $0 }.verdict == nil, "twice as many may be")
    }

    @Test func pValuesOfAScorerThatIsNotCalibratedDoNotCount() {
        let watch = watch(isCalibrated: false) { $0.squareRoot() }
        #expect(watch.adapted.steps == 0 && watch.verdict == nil)
    }
}
