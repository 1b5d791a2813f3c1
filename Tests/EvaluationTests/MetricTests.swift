import SedgeCore
import Testing

@testable import Evaluation

/// Metrics at their edges, and where a reference is a line of arithmetic.
@Suite struct MetricTests {
    @Test func labelRunsAreAnomalies() {
        #expect(LabelRuns([true, true, false, true]).ranges == [0..<2, 3..<4])
        #expect(LabelRuns([false, false]).ranges.isEmpty && LabelRuns([]).ranges.isEmpty)
    }

    @Test(arguments: [[false, false, false], [true, true, true]])
    func aClassThatIsMissingGivesNoArea(labels: [Bool]) {
        let scores = [0.1, 0.2, 0.3]
        #expect(AreaUnderCurve.roc(scores: scores, labels: labels) == nil)
        #expect(AreaUnderCurve.precisionRecall(scores: scores, labels: labels) == nil)
        #expect(VolumeUnderSurface(scores: scores, labels: labels, window: 2) == nil)
    }

    @Test func aConstantScoreIsWorthTheShareOfAnomalies() throws {
        let labels = (0..<100).map { $0 % 4 == 0 }
        let scores = [Double](repeating: 1, count: 100)
        #expect(AreaUnderCurve.roc(scores: scores, labels: labels) == 0.5)
        #expect(AreaUnderCurve.precisionRecall(scores: scores, labels: labels) == 0.25)
        let volume = try #require(VolumeUnderSurface(scores: scores, labels: labels, window: 0))
        #expect(volume.precisionRecall == 0.25)
    }

    @Test func countsOfSeriesAddUp() {
        var counts = DetectionCounts(predictions: [true, true, false, false], labels: [true, false, true, false])
        counts += DetectionCounts(predictions: [true, false], labels: [true, true])
        #expect(counts.f1 == 4.0 / 7)
        #expect(counts.falseAlarmRate == 0.5 && counts.missedAlarmRate == 0.5)
        #expect(DetectionCounts().f1 == 0 && DetectionCounts().falseAlarmRate == 0)
    }

    @Test func ranksGiveHitRateAndGain() {
        var quality = RankingQuality()
        quality.add(scores: [0.1, 0.9, 0.5], right: 1)
        quality.add(scores: [0.1, 0.9, 0.5], right: 0)
        quality.add(scores: [0.5, 0.5, 0.5], right: 2)
        #expect(quality.ranks == [0, 2, 2])
        #expect(quality.hitRate(at: 1) == 1.0 / 3 && quality.hitRate(at: 3) == 1)
        #expect(quality.ndcg(at: 2) == 1.0 / 3)
        #expect(abs(quality.ndcg(at: 3) - (1 + 0.5 + 0.5) / 3) < 1e-12)
    }

    @Test func errorsAreMeansOverAllValues() {
        var error = ForecastError()
        error.add(forecast: 1, actual: 3)
        var other = ForecastError()
        other.add(forecast: 5, actual: 4)
        error += other
        #expect(error.meanSquared == 2.5 && error.meanAbsolute == 1.5 && error.count == 2)
    }

    @Test func noChangePointCoversTheLongestSegment() {
        #expect(Covering.score(found: [], actual: [25], rowCount: 100) == 0.75 * 0.75 + 0.25 * 0.25)
        #expect(Covering.score(found: [25, 25, 0, 400], actual: [25], rowCount: 100) == 1)
    }
}
