import SedgeCore
import Testing

@testable import Evaluation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

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

    /// Against the definitions for any number of right items (Järvelin and Kekäläinen, 2002), with one: hits among the
    /// first k of the sorted list; gains, each by its place, over those of the ideal list. Seed 4.
    @Test func ranksAgreeWithTheDefinitionsOnSortedLists() {
        var random = SeededRandom(seed: 4)
        var quality = RankingQuality()
        var lists: [[Double]] = []
        for _ in 0..<300 {
            let count = 1 + Int(random.uniform() * 20)
            // Few values, so that many are equal.
            let scores = (0..<count).map { _ in (random.uniform() * 6).rounded() }
            let right = Int(random.uniform() * Double(count))
            quality.add(scores: scores, right: right)
            // Worst first among equals.
            let order = scores.indices.sorted { (scores[$1], $0 == right ? 1 : 0) < (scores[$0], $1 == right ? 1 : 0) }
            lists.append(order.map { $0 == right ? 1 : 0 })
        }
        func gain(_ relevance: [Double], _ k: Int) -> Double {
            relevance.prefix(k).enumerated().reduce(0) { $0 + $1.element / log2(Double($1.offset + 2)) }
        }
        for k in [1, 2, 5, 10, 20] {
            let hits = lists.reduce(0) { $0 + ($1.prefix(k).contains(1) ? 1.0 : 0) } / 300
            let gains = lists.reduce(0) { $0 + gain($1, k) / gain($1.sorted(by: >), k) } / 300
            #expect(abs(quality.hitRate(at: k) - hits) < 1e-12, "HR@\(k)")
            #expect(abs(quality.ndcg(at: k) - gains) < 1e-12, "NDCG@\(k)")
        }
        #expect(quality.hitRate(at: 1) < quality.hitRate(at: 5) && RankingQuality().ndcg(at: 5) == 0)
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
