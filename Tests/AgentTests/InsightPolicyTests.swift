import SedgeCore
import Testing

@testable import Adaptation
@testable import Agent

@Suite struct InsightPolicyTests {
    private static func policy(_ stream: String = "") throws -> InsightPolicy {
        let json = #"{"node":"n","stream":[{"topic":"t","id":"s","channels":{"x":"$"}"# + stream + "}]}"
        let configuration = try Configuration(json: Array(json.utf8))
        return InsightPolicy(
            node: configuration.node, stream: try StreamID("s"), configuration: configuration.streams[0], seed: 1)
    }

    private static func verdict(_ alarm: AlarmTransition?, regime: RegimeTransition? = nil) -> LearnerVerdict {
        let open: AlarmEvent? = if case .end = alarm { nil } else { alarm?.event }
        return LearnerVerdict(
            isCalibrated: true, score: 6, pValue: 1e-6, alarm: alarm, openAlarm: open, regime: regime,
            regimeName: nil)
    }

    private static func event(_ severity: Double, at seconds: Int64) -> AlarmEvent {
        AlarmEvent(start: time(seconds), end: time(seconds), severity: severity, peakScore: 6)
    }

    private static func time(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: seconds * 1000) }

    private func say(
        _ policy: inout InsightPolicy, _ alarm: AlarmTransition?, at seconds: Int64, muted: Bool = false
    ) -> [Insight] {
        policy.insights(for: Self.verdict(alarm), at: Self.time(seconds), isMuted: muted) {
            InsightPolicy.Evidence(channels: ["x": 1], context: nil)
        }
    }

    @Test func anEventKeepsItsNameFromStartToEnd() throws {
        var policy = try Self.policy()
        let start = try #require(say(&policy, .start(Self.event(0.5, at: 1)), at: 2).first)
        let update = try #require(say(&policy, .update(Self.event(0.7, at: 1)), at: 3).first)
        let end = try #require(say(&policy, .end(Self.event(0.7, at: 1)), at: 9).first)
        #expect([start.phase, update.phase, end.phase] == [.start, .update, .end])
        #expect(Set([start.id, update.id, end.id]).count == 1)
        #expect(start.channels == ["x": 1])
        #expect(end.end != nil && end.start == Self.time(1))
        #expect(policy.openEvent == nil)
    }

    @Test func whatIsBelowTheMinimumSeverityStartsWhenItGrows() throws {
        var policy = try Self.policy(#","min_severity":0.4"#)
        #expect(say(&policy, .start(Self.event(0.3, at: 1)), at: 2).isEmpty)
        #expect(policy.openEvent == nil)
        #expect(say(&policy, .update(Self.event(0.6, at: 1)), at: 3).first?.phase == .start)
        #expect(say(&policy, .end(Self.event(0.6, at: 1)), at: 4).first?.phase == .end)
    }

    @Test func anUnsaidEventHasNoEnd() throws {
        var policy = try Self.policy(#","min_severity":0.4"#)
        _ = say(&policy, .start(Self.event(0.3, at: 1)), at: 2)
        #expect(say(&policy, .end(Self.event(0.3, at: 1)), at: 3).isEmpty)
    }

    @Test func theRateLimitHoldsBackStartsButNeverTheEnd() throws {
        var policy = try Self.policy(#","max_insights_per_hour":1"#)
        #expect(say(&policy, .start(Self.event(0.5, at: 1)), at: 2).count == 1)
        #expect(say(&policy, .update(Self.event(0.6, at: 1)), at: 3).isEmpty)
        #expect(say(&policy, .end(Self.event(0.6, at: 1)), at: 4).count == 1)
        #expect(say(&policy, .start(Self.event(0.5, at: 5)), at: 6).isEmpty)
        #expect(policy.suppressed == 2)
        #expect(say(&policy, .start(Self.event(0.5, at: 3601)), at: 3602).count == 1)
    }

    @Test func aClockThatOnceStoodInTheFutureDoesNotSilenceTheStream() throws {
        var policy = try Self.policy(#","max_insights_per_hour":1"#)
        let century: Int64 = 4_102_444_800
        #expect(policy.quality("future-time", at: Self.time(century)) != nil)
        #expect(policy.quality("gap", at: Self.time(100)) == nil, "going back is no new hour")
        #expect(policy.quality("gap", at: Self.time(3700)) != nil)
    }

    /// A round that came to nothing may have figures that are no numbers, for which JSON has no form.
    @Test func figuresThatAreNoNumbersAreLeftOut() throws {
        var policy = try Self.policy()
        var figures = AdaptationFigures()
        (figures.segments, figures.lossBefore, figures.lossAfter, figures.explained) = (48, .nan, .infinity, 0.25)
        let told = policy.adaptation(AdaptationDecision(.refused, .noSense, figures), at: Self.time(1))
        let insight = try #require(told)
        #expect(insight.figures?["explained"] == 0.25 && insight.figures?["segments"] == 48)
        #expect(insight.figures?["loss_before"] == nil && insight.figures?["loss_after"] == nil)
    }

    @Test func aFlawNamesTheChannelsThatHaveIt() throws {
        var policy = try Self.policy()
        let stuck = policy.quality("stuck-sensor", channels: ["x": 1], at: Self.time(100))
        let insight = try #require(stuck)
        #expect(insight.kind == .quality && insight.detail == "stuck-sensor" && insight.channels == ["x": 1])
        let gap = policy.quality("gap", at: Self.time(100))
        #expect(gap?.detail == "gap" && gap?.channels == nil)
    }

    @Test func maintenanceEndsWhatIsOpenAndStartsNothing() throws {
        var policy = try Self.policy()
        _ = say(&policy, .start(Self.event(0.5, at: 1)), at: 2)
        #expect(say(&policy, nil, at: 3, muted: true).first?.phase == .end)
        #expect(say(&policy, .start(Self.event(0.9, at: 4)), at: 5, muted: true).isEmpty)
    }

    @Test(arguments: [true, false]) func whatOutlastsMaintenanceStartsAgain(_ beganBefore: Bool) throws {
        var policy = try Self.policy()
        func goOn(_ seconds: Int64, muted: Bool) -> [Insight] {
            goesOn(&policy, severity: 0.5, at: seconds, muted: muted)
        }
        let first = say(&policy, .start(Self.event(0.5, at: 1)), at: 2, muted: !beganBefore)
        #expect(first.map(\.phase) == (beganBefore ? [.start] : []))
        #expect(goOn(3, muted: true).map(\.phase) == (beganBefore ? [.end] : []))
        #expect(goOn(4, muted: true).isEmpty)
        let again = try #require(goOn(5, muted: false).first)
        #expect(again.phase == .start && again.start == Self.time(1) && again.severity == 0.5)
        #expect(again.id != first.first?.id && policy.openEvent?.id == again.id)
        #expect(goOn(6, muted: false).isEmpty, "once")
    }

    /// As after a restart in the window: the learner knows of the alarm, and nobody else.
    @Test func whatNobodyKnowsOfStartsAtItsNextUnusualStep() throws {
        var policy = try Self.policy()
        #expect(goesOn(&policy, severity: 0.5, at: 9, unusualAt: 8).isEmpty, "it may be over")
        let told = goesOn(&policy, severity: 0.5, at: 10)
        #expect(told.map(\.phase) == [.start] && told.first?.start == Self.time(1))
    }

    /// An alarm updates after a tenth of severity; the minimum may lie between.
    @Test func whatGrowsAboveTheMinimumBetweenUpdatesStarts() throws {
        var policy = try Self.policy(#","min_severity":0.4"#)
        #expect(say(&policy, .start(Self.event(0.35, at: 1)), at: 2).isEmpty)
        #expect(goesOn(&policy, severity: 0.39, at: 3).isEmpty)
        #expect(goesOn(&policy, severity: 0.44, at: 4).first?.phase == .start)
    }

    @Test func whatTheRateLimitKeepsBackIsCountedOnceAndToldInTheNextHour() throws {
        var policy = try Self.policy(#","max_insights_per_hour":1"#)
        _ = say(&policy, .start(Self.event(0.5, at: 0)), at: 0)
        _ = say(&policy, .end(Self.event(0.5, at: 0)), at: 0)
        for seconds in Int64(2)..<9 { #expect(goesOn(&policy, severity: 0.5, at: seconds).isEmpty) }
        #expect(policy.suppressed == 1)
        #expect(goesOn(&policy, severity: 0.5, at: 3600).first?.phase == .start)
    }

    /// A step of an alarm that began at second 1, without a transition.
    private func goesOn(
        _ policy: inout InsightPolicy, severity: Double, at seconds: Int64, unusualAt last: Int64? = nil,
        muted: Bool = false
    ) -> [Insight] {
        var verdict = Self.verdict(nil)
        verdict.openAlarm = AlarmEvent(
            start: Self.time(1), end: Self.time(last ?? seconds), severity: severity, peakScore: 6)
        return policy.insights(for: verdict, at: Self.time(seconds), isMuted: muted) {
            InsightPolicy.Evidence(channels: ["x": 1], context: nil)
        }
    }

    @Test func whatEndsInMaintenanceIsOver() throws {
        var policy = try Self.policy()
        _ = say(&policy, .start(Self.event(0.5, at: 1)), at: 2)
        _ = say(&policy, nil, at: 3, muted: true)
        _ = say(&policy, .end(Self.event(0.5, at: 1)), at: 4, muted: true)
        #expect(say(&policy, nil, at: 5).isEmpty && policy.openEvent == nil)
    }

    @Test func driftIsSaidWhereItWasAskedFor() throws {
        var verdict = Self.verdict(nil)
        verdict.drift = DriftTransition(source: .embeddings, since: Self.time(40), meanPValue: 0.1)
        func said(_ stream: String) throws -> [Insight] {
            var policy = try Self.policy(stream)
            return policy.insights(for: verdict, at: Self.time(50), isMuted: false) {
                InsightPolicy.Evidence(channels: [:], context: nil)
            }
        }
        #expect(try said("").isEmpty)
        let insight = try #require(try said(#","insights":["drift"]"#).first)
        #expect(insight.kind == .drift && insight.phase == .point)
        #expect(insight.start == Self.time(40) && insight.detail == "embeddings" && insight.pValue == 0.1)
    }

    @Test func onlyTheKindsAskedForAreSaid() throws {
        var policy = try Self.policy(#","insights":["state"]"#)
        #expect(say(&policy, .start(Self.event(0.9, at: 1)), at: 2).isEmpty)
        let change = RegimeTransition(from: "state-1", to: "state-2", since: Self.time(4))
        let said = policy.insights(for: Self.verdict(nil, regime: change), at: Self.time(5), isMuted: false) {
            InsightPolicy.Evidence(channels: [:], context: nil)
        }
        #expect(said.first?.detail == "state-2" && said.first?.previous == "state-1")
    }
}
