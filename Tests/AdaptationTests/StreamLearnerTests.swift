import SedgeCore
import Testing

@testable import Adaptation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite struct StreamLearnerTests {
    /// A fault, as a change of the tone, and the steps within which it must be reported. A stuck sensor is none of the
    /// learner's: `SensorWatch` finds it sooner.
    enum Fault: CaseIterable, Sendable {
        case spike, levelShift, moreNoise, frequency

        func value(_ sample: Int, _ noise: Double, age: Int) -> Double {
            switch self {
            case .spike: age == 0 ? tone(sample, noise) + 12 : tone(sample, noise)
            case .levelShift: tone(sample, noise) + 2
            case .moreNoise: tone(sample, 4 * noise)
            case .frequency: 1.2 * sin(2 * .pi * Double(sample) / 5) + 0.3 * noise
            }
        }

        var delay: Int {
            switch self {
            case .spike: 1
            case .levelShift: 20
            case .moreNoise, .frequency: 40
            }
        }
    }

    @Test(arguments: Fault.allCases, [1, 2, 3] as [UInt64])
    func reportsAFaultWithinItsDelayAndNothingBefore(_ fault: Fault, seed: UInt64) {
        var stream = SyntheticStream(seed: seed)
        for _ in 0..<600 {
            let verdict = stream.advance(tone)
            #expect(verdict.alarm == nil, "step \(stream.step), score \(verdict.score)")
        }
        var reported: Int?
        for age in 0..<60 where reported == nil {
            let verdict = stream.advance { fault.value($0, $1, age: age) }
            if case .start(let event)? = verdict.alarm {
                reported = age
                #expect(event.severity >= 0.25 && event.severity <= 1)
            }
        }
        #expect((reported ?? .max) < fault.delay)
    }

    @Test func saysLearningUntilItsCalibrationAndNotLonger() {
        var stream = SyntheticStream(seed: 5)
        var calibratedAt: Int?
        for step in 1...400 {
            let verdict = stream.advance(tone)
            if verdict.isCalibrated, calibratedAt == nil { calibratedAt = step }
            #expect(verdict.isCalibrated || (verdict.score == 0 && verdict.regimeName == nil))
        }
        #expect(calibratedAt == StreamLearner.warmUp + StreamLearner.calibrationSteps)
    }

    /// Kolmogorov–Smirnov distance of the p-values of a stationary stream from uniform. With 4,000 independent values
    /// 0.026 would be the 99 % bound; neighbours share their means, which leaves a tenth as many.
    @Test(arguments: [11, 12] as [UInt64])
    func pValuesOfAStationaryStreamAreUniform(seed: UInt64) {
        var stream = SyntheticStream(seed: seed)
        var values: [Double] = []
        for _ in 0..<5000 {
            let verdict = stream.advance(tone)
            if stream.step > 1000 { values.append(verdict.pValue) }
        }
        values.sort()
        var distance = 0.0
        for (index, value) in values.enumerated() {
            distance = max(distance, abs(value - (Double(index) + 0.5) / Double(values.count)))
        }
        #expect(distance < 0.08)
        let small = values.filter { $0 < 0.01 }.count
        #expect((15...80).contains(small), "of 4000, \(small) are below 0.01")
    }

    @Test func aLastingFaultStaysAlarmedAndIsNotLearnedAway() {
        var stream = SyntheticStream(seed: 6)
        for _ in 0..<600 { _ = stream.advance(tone) }
        var alarming = 0
        for _ in 0..<3000 where stream.advance({ tone($0, $1) + 3 }).isAlarming { alarming += 1 }
        #expect(alarming > 2950)
        // And afterwards the former behaviour is still the normal one.
        var last: AlarmTransition?
        for _ in 0..<200 { last = stream.advance(tone).alarm ?? last }
        guard case .end? = last else {
            Issue.record("expected an end, found \(String(describing: last))")
            return
        }
    }

    /// Without a rate nobody says that a source is slower now.
    @Test func aSourceThatBecameSlowerIsStillLearnedFromAndAlarmed() {
        var stream = SyntheticStream(seed: 6)
        for _ in 0..<600 { _ = stream.advance(tone) }
        let threshold = stream.learner.alarm.threshold(extremalIndex: 1)
        stream.slowness = 30
        for _ in 0..<300 { _ = stream.advance(tone) }
        // As many alarms a week are as many more a step.
        let rise = threshold - stream.learner.alarm.threshold(extremalIndex: 1)
        #expect(abs(rise - log10(30)) < 0.01)
        let learned = stream.learner.learned
        for _ in 0..<100 { _ = stream.advance(tone) }
        // An alarm of chance may take some.
        #expect(stream.learner.learned >= learned + 70)
        var isAlarmed = false
        for _ in 0..<20 where stream.advance({ tone($0, $1) + 3 }).isAlarming { isAlarmed = true }
        #expect(isAlarmed)
    }

    @Test func aRepeatedFaultIsReportedEveryTime() {
        var stream = SyntheticStream(seed: 7)
        for _ in 0..<600 { _ = stream.advance(tone) }
        for round in 0..<8 {
            var isReported = false
            for _ in 0..<40 {
                if case .start? = stream.advance({ tone($0, 4 * $1) + 2 }).alarm { isReported = true }
            }
            #expect(isReported, "round \(round)")
            for _ in 0..<200 { _ = stream.advance(tone) }
        }
    }

    @Test func aSlowRampIsReported() {
        var stream = SyntheticStream(seed: 8)
        for _ in 0..<600 { _ = stream.advance(tone) }
        var reported: Int?
        for age in 0..<1000 where reported == nil {
            if case .start? = stream.advance({ tone($0, $1) + 4 * Double(age) / 1000 }).alarm { reported = age }
        }
        #expect((reported ?? .max) < 900)
    }

    @Test func aWeekOfTheSameIsTheNewNormal() {
        // Half an hour a step: a week is 336 steps, so the 500 steps decide.
        var stream = SyntheticStream(seed: 9, stepSeconds: 1800)
        for _ in 0..<600 { _ = stream.advance(tone) }
        var ended: Int?
        for age in 0..<8000 where ended == nil {
            if case .end? = stream.advance({ tone($0, $1) + 3 }).alarm { ended = age }
        }
        #expect((500..<8000).contains(ended ?? 0), "ended after \(String(describing: ended)) steps")
    }

    @Test func whatAPersonAcceptsIsTheNewNormalSooner() {
        var stream = SyntheticStream(seed: 10)
        for _ in 0..<600 { _ = stream.advance(tone) }
        for _ in 0..<50 { _ = stream.advance { tone($0, $1) + 3 } }
        #expect(stream.advance { tone($0, $1) + 3 }.isAlarming)
        stream.learner.acceptPresentBehaviour()
        var ended: Int?
        for age in 0..<6000 where ended == nil {
            if case .end? = stream.advance({ tone($0, $1) + 3 }).alarm { ended = age }
        }
        #expect(ended != nil)
    }

    @Test func learnsNothingAndStartsNoAlarmWhenToldNotTo() {
        var stream = SyntheticStream(seed: 13)
        for _ in 0..<600 { _ = stream.advance(tone) }
        for _ in 0..<500 {
            #expect(stream.advance(learns: false, { tone($0, 4 * $1) + 5 }).alarm == nil)
        }
        // The fault it saw while muted is still a fault.
        for _ in 0..<20 { _ = stream.advance(tone) }
        var isReported = false
        for _ in 0..<40 {
            if case .start? = stream.advance({ tone($0, 4 * $1) + 5 }).alarm { isReported = true }
        }
        #expect(isReported)
    }

    /// As many steps that are only not learned from, for missing samples, need no settling.
    @Test func evenAShortMaintenanceWindowIsSettledFrom() {
        var stream = SyntheticStream(seed: 17)
        for _ in 0..<600 { _ = stream.advance(tone) }
        for isMuted in [false, true] {
            for _ in 0..<4 { _ = stream.advance(learns: false, isMuted: isMuted, tone) }
            let learned = stream.learner.learned
            for _ in 0..<10 { _ = stream.advance(tone) }
            #expect((stream.learner.learned == learned) == isMuted)
        }
    }

    @Test(arguments: [0.0, 1.0, -7.5])
    func aConstantChannelNeitherAlarmsNorBreaks(value: Double) {
        var stream = SyntheticStream(seed: 14)
        for _ in 0..<3000 {
            let verdict = stream.advance { _, _ in value }
            #expect(verdict.alarm == nil && verdict.score.isFinite)
        }
        #expect(stream.learner.contributions.reduce(0, +).isApproximately(1))
    }

    @Test func numbersThatAreNoneDoNoHarm() {
        var stream = SyntheticStream(seed: 15)
        for _ in 0..<400 { _ = stream.advance(tone) }
        for bad in [Double.nan, .infinity, -.infinity, 1e30] {
            let verdict = stream.advance { _, _ in bad }
            #expect(verdict.score.isFinite && verdict.score >= 0 && (0...1).contains(verdict.pValue))
        }
        for _ in 0..<100 { #expect(stream.advance(tone).score.isFinite) }
    }

    @Test func contributionsNameTheFaultyChannel() {
        let configuration = LearnerConfiguration(
            channels: 3, embeddingSize: 8, patch: 8, stepSeconds: 1, alarmsPerWeek: 1, seed: 1)
        var learner = StreamLearner(configuration)
        var random = SeededRandom(seed: 16)
        for step in 0..<500 {
            var patches = (0..<24).map { _ in Float(random.uniform() - 0.5) }
            if step > 480 { for index in 8..<16 { patches[index] += 4 } }
            let time = Timestamp(milliseconds: Int64(step) * 1000)
            _ = learner.observe(time: time, embeddings: patches.span, patches: patches.span, learns: true)
        }
        #expect(learner.contributions[1] > 0.9)
        #expect(learner.contributions.reduce(0, +).isApproximately(1))
    }
}

extension Float {
    func isApproximately(_ other: Float) -> Bool { abs(self - other) < 1e-4 }
}
