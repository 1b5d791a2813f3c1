import Testing

@testable import Adaptation

/// What speaks against a candidate, figure by figure.
@Suite struct AdaptationJudgementTests {
    private func objection(
        novelty: (before: Double, after: Double) = (1, 1), _ change: (inout AdaptationFigures) -> Void = { _ in }
    ) -> AdaptationDecision.Reason? {
        var figures = AdaptationFigures()
        (figures.lossBefore, figures.lossAfter) = (1, 0.9)
        (figures.predictionBefore, figures.predictionAfter) = (0.5, 0.45)
        figures.stability = 0.9
        change(&figures)
        return figures.objection(Tier2Settings(), novelty: novelty)
    }

    @Test func aBetterOneMayBeTriedOut() {
        #expect(objection() == nil)
        #expect(objection { ($0.accuracyBefore, $0.accuracyAfter) = (0.8, 0.9) } == nil)
    }

    @Test(arguments: [0.981, 1.2, .nan, .infinity]) func theLossHasToFallByEnough(_ loss: Double) {
        #expect(objection { $0.lossAfter = loss } == .noBetter)
        #expect(objection { $0.lossAfter = 0.979 } == nil)
    }

    /// Predictions may rise by 5 %, by 10 % where labels are read better.
    @Test func whatPeopleAskedForMayCostSomething() {
        #expect(objection { $0.predictionAfter = 0.524 } == nil)
        #expect(objection { $0.predictionAfter = 0.526 } == .noBetter)
        #expect(objection { $0.predictionAfter = .nan } == .noBetter)
        let gained = objection {
            $0.predictionAfter = 0.549
            ($0.accuracyBefore, $0.accuracyAfter) = (0.8, 0.83)
        }
        #expect(gained == nil)
        let same = objection {
            $0.predictionAfter = 0.549
            ($0.accuracyBefore, $0.accuracyAfter) = (0.8, 0.81)
        }
        #expect(same == .noBetter)
    }

    @Test func labelsThatAreReadWorseAreRefused() {
        #expect(objection { ($0.accuracyBefore, $0.accuracyAfter) = (0.8, 0.79) } == nil)
        #expect(objection { ($0.accuracyBefore, $0.accuracyAfter) = (0.8, 0.77) } == .labels)
        #expect(objection { ($0.accuracyBefore, $0.accuracyAfter) = (0.8, .nan) } == .labels)
    }

    @Test func ordinaryReplayMustStayOrdinary() {
        #expect(objection(novelty: (1, 1.49)) == nil)
        #expect(objection(novelty: (1, 1.51)) == .unstable)
        #expect(objection(novelty: (2, 2.9)) == nil, "it was unusual before")
        #expect(objection(novelty: (0.5, 1.51)) == .unstable)
        #expect(objection(novelty: (1, .nan)) == .unstable)
        #expect(objection { $0.stability = 0.49 } == .unstable)
        #expect(objection { $0.stability = .nan } == .unstable)
    }
}
