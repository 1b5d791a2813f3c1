import SedgeCore
import Testing

@testable import Evaluation

/// The NAB scorer by hand; against the benchmark's own scores it is tested with the toolbox, which reads the files.
@Suite struct NABScorerTests {
    @Test func nothingFoundCostsEveryWindow() {
        let scorer = NABScorer(rowCount: 1000, windows: [200...249, 600...699])
        #expect(scorer.probation == 150)
        #expect(scorer.score(detections: []) == -2 && scorer.nullScore == -2 && scorer.perfectScore == 2)
    }

    @Test func theFirstRowOfAWindowIsWorthMost() {
        let scorer = NABScorer(rowCount: 1000, windows: [200...249])
        #expect(scorer.score(detections: [200]) == 1)
        #expect(scorer.score(detections: [200, 201, 249]) == 1)
        let late = scorer.score(detections: [249])
        // 2 σ(5/50) − 1 over 2 σ(5) − 1.
        #expect(abs(late - 0.049_958_374_957_880_3 / 0.986_614_298_151_430_3) < 1e-12)
    }

    @Test func aDetectionOutsideCostsAndInProbationDoesNot() {
        let scorer = NABScorer(rowCount: 1000, windows: [200...249])
        #expect(scorer.score(detections: [10, 149]) == -1)
        #expect(abs(scorer.score(detections: [160]) + 1.11) < 1e-12)
        #expect(abs(scorer.score(detections: [999]) + 1.11) < 1e-12)
        let near = scorer.score(detections: [250])
        #expect(near < -1 && near > -1.02)
    }

    @Test func profilesWeighDifferently() {
        let windows = [200...249]
        let cautious = NABScorer(rowCount: 1000, windows: windows, profile: .fewFalseAlarms)
        #expect(abs(cautious.score(detections: [160]) + 1.22) < 1e-12)
        let eager = NABScorer(rowCount: 1000, windows: windows, profile: .fewMisses)
        #expect(eager.nullScore == -2 && eager.score(detections: [200]) == 1)
    }

    @Test func probationEndsAt750Rows() {
        #expect(NABScorer(rowCount: 22_695, windows: []).probation == 750)
        #expect(NABScorer(rowCount: 4032, windows: []).probation == 604)
    }
}
