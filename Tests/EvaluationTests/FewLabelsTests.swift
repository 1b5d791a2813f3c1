import SedgeCore
import Testing

@testable import Evaluation

@Suite struct FewLabelsTests {
    /// Twins look alike and like nobody else, and have the same label by chance.
    private static func accuracy(spans: [Range<Int>]) -> Double {
        var random = SeededRandom(seed: 5)
        let classes = (0..<40).map { $0 % 2 }.shuffled(using: &random)
        let features = (0..<80).map { window in (0..<40).map { $0 == window / 2 ? 1.0 : 0.0 } }
        return FewLabels.accuracy(
            features, labels: (0..<80).map { classes[$0 / 2] }, spans: spans, shots: 19, seed: 7)
    }

    @Test func whatSharesSamplesWithALabelledWindowIsNotAsked() {
        let apart = Self.accuracy(spans: (0..<80).map { 10 * $0..<10 * $0 + 10 })
        #expect(apart > 0.7, "\(apart): twins tell each other's label")
        // Each pair overlaps by half.
        let shared = Self.accuracy(
            spans: (0..<80).map { window in
                let start = 20 * (window / 2) + 5 * (window % 2)
                return start..<start + 10
            })
        #expect(shared < 0.65, "\(shared): nothing is left but chance")
    }
}
