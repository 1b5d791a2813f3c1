import SedgeCore
import Testing

@testable import Adaptation

/// Each reason for which an adapted scorer goes, by itself: on probation, where it is refused, and in use, where it is
/// reverted. What the frozen scorer says is made up; its p-values are spread evenly.
struct AdaptedScorerReasonTests {
    private static let settings = {
        var settings = ReplayFixture.settings
        settings.probations = 1
        return settings
    }()

    /// The first decision, and the step of the watch that it came with.
    private func decision(
        isActive: Bool, _ settings: Tier2Settings = settings, frozenAlarms: [Int] = [], steps: Int = 2000,
        change: (Int, inout ReplayFixture.Source.Step) -> Void = { _, _ in }
    ) throws -> (decision: AdaptationDecision, step: Int) {
        var stage = AdaptedScorerTests.Stage(seed: 7)
        var none: AdaptedScorer?
        for _ in 0..<2500 { _ = stage.step(&none) }
        var scorer = stage.scorer(settings, isActive: isActive)
        for step in 1...steps {
            var next = stage.source.next()
            change(step, &next)
            let p = (Double(step * 7919 % 1009) + 0.5) / 1009
            let frozen = AdaptationWatchTests.verdict(p, isStart: frozenAlarms.contains(step))
            if let found = stage.judge(next, &scorer, frozen: frozen).decision { return (found, step) }
        }
        throw SnapshotError.impossible("no decision")
    }

    private static func outcome(_ isActive: Bool) -> AdaptationDecision.Outcome { isActive ? .reverted : .refused }
    private static func end(_ isActive: Bool) -> Int { isActive ? settings.watchSteps : settings.probationSteps }

    /// Two events that it alone sees; in use it goes with the second of them, on probation nobody hears of them.
    @Test(arguments: [false, true]) func alarmsThatTheFrozenScorerDoesNotRaise(isActive: Bool) throws {
        let (decision, step) = try decision(isActive: isActive) { step, next in
            guard (100..<120).contains(step) || (300..<320).contains(step) else { return }
            for index in next.patches.indices { next.patches[index] += 8 }
        }
        #expect(decision.outcome == Self.outcome(isActive) && decision.reason == .alarms, "\(decision)")
        #expect(decision.figures.alarms == 2 && decision.figures.alarmsFrozen == 0)
        #expect(isActive ? (300..<320).contains(step) : step == Self.end(isActive), "step \(step)")
    }

    @Test(arguments: [false, true]) func alarmsThatTheFrozenScorerRaisesAlone(isActive: Bool) throws {
        let (decision, step) = try decision(isActive: isActive, frozenAlarms: [100, 300])
        #expect(decision.outcome == Self.outcome(isActive) && decision.reason == .missed, "\(decision)")
        #expect(decision.figures.alarms == 0 && decision.figures.alarmsFrozen == 2)
        #expect(step == Self.end(isActive))
    }

    /// The same step again and again has the same p-value, and raises one alarm at most.
    @Test(arguments: [false, true]) func pValuesThatAreLessEven(isActive: Bool) throws {
        var kept: ReplayFixture.Source.Step?
        let (decision, step) = try decision(isActive: isActive) { _, next in
            let time = next.time
            next = kept ?? next
            kept = next
            next.time = time
        }
        #expect(decision.outcome == Self.outcome(isActive) && decision.reason == .pValues, "\(decision)")
        #expect(decision.figures.alarms < 2 && decision.figures.alarmsFrozen == 0)
        #expect(decision.figures.unevenness > decision.figures.unevennessFrozen + 0.1)
        #expect(step == Self.end(isActive))
    }

    /// What was carried over settles as histories fill: p-values get more probations than one, alarms do not.
    @Test func unevenPValuesGetAnotherProbationAndMissedAlarmsDoNot() throws {
        var settings = Self.settings
        settings.probations = 3
        var kept: ReplayFixture.Source.Step?
        let uneven = try decision(isActive: false, settings) { _, next in
            let time = next.time
            next = kept ?? next
            kept = next
            next.time = time
        }
        #expect(uneven.decision.reason == .pValues && uneven.step == 3 * settings.probationSteps)
        let missed = try decision(isActive: false, settings, frozenAlarms: [100, 300])
        #expect(missed.decision.reason == .missed && missed.step == settings.probationSteps)
    }

    @Test func withoutAReasonItIsAccepted() throws {
        let (decision, step) = try decision(isActive: false)
        #expect(decision.outcome == .accepted && decision.reason == .better, "\(decision)")
        #expect(step >= Self.settings.probationSteps)
    }
}
