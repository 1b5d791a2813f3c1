import SedgeCore
import Testing

@testable import Evaluation

/// The protocols on detectors whose figures are known beforehand.
@Suite struct ProtocolTests {
    /// Scores 1 in the anomalies and 0 elsewhere; decides the same.
    private struct Oracle: Detector {
        let name = "sedge oracle"
        func run(on series: DetectionSeries) -> DetectorOutput {
            let labels = series.labels
            return DetectorOutput(
                scores: labels.map { $0 ? 1 : 0 },
                decisions: .init(alarms: series.anomalies.map(\.lowerBound), isAlarming: labels))
        }
    }

    private struct Silent: Detector {
        let name = "silent"
        func run(on series: DetectionSeries) -> DetectorOutput {
            DetectorOutput(scores: [Double](repeating: 0, count: series.rowCount))
        }
    }

    private func run(_ detectors: [any Detector]) throws -> DetectionRun {
        let series = (0..<4).map { index in
            Planted.series(rows: 900 + index, anomaly: (700 + 10 * index)..<(760 + 10 * index), name: "s\(index)")
        }
        return try DetectionRun(series: series, detectors: detectors, threads: 2)
    }

    @Test func nabGivesAnOracle100AndSilence0() throws {
        let table = try NABProtocol().table(of: run([Oracle(), Silent()]), threads: 2)
        #expect(table.columns.count == 6)
        for value in table.rows[0].values { #expect(try #require(value) == 100) }
        #expect(table.rows[1].values.prefix(3) == [0, 0, 0] && table.rows[1].values[3] == nil)
        #expect(table.rows.map(\.kind) == [.agent, .baseline])
    }

    /// What is detected in one half says nothing of a threshold for the other where scores differ in size.
    @Test func nabCrossesHalves() throws {
        struct Uneven: Detector {
            let name = "uneven"
            func run(on series: DetectionSeries) -> DetectorOutput {
                let scale = series.name == "s0" || series.name == "s2" ? 1.0 : 10
                var random = SeededRandom(seed: 3)
                return DetectorOutput(
                    scores: series.labels.map { scale * (($0 ? 1 : 0) + 0.5 * random.uniform()) })
            }
        }
        let values = try NABProtocol().table(of: run([Uneven()]), threads: 1).rows[0].values
        #expect(try #require(values[0]) > (try #require(values[2])))
    }

    @Test func nabsBestThresholdIsTheBestOfAll() {
        var random = SeededRandom(seed: 9)
        let scores = [(0..<300).map { _ in (10 * random.uniform()).rounded() }]
        let scorer = NABScorer(rowCount: 300, windows: [100...120, 200...220])
        let rule = AlarmRule(rearm: 5)
        let sweep = NABSweep(scores: scores, scorers: [[scorer]], rule: rule)
        let best = sweep.sum(threshold: sweep.best(over: [0]), over: [0])
        let exhaustive = (Set(scores[0]).union([.infinity])).map {
            scorer.score(detections: rule.alarms(in: scores[0], threshold: $0))
        }.max()
        #expect(best == exhaustive)
    }

    @Test func skabPoolsRows() throws {
        let table = SKABProtocol().table(of: try run([Oracle(), Silent()]))
        #expect(table.rows[0].values == [1, 0, 0, 1, 1])
        #expect(table.rows[1].values[0] == 0 && table.rows[1].values[2] == 1 && table.rows[1].values[3] == nil)
        // Everything predicted: precision is the share of anomalies, 60 of some 500.
        let best = try #require(table.rows[1].values[4])
        #expect(abs(best - 480.0 / 2246) < 1e-12)
    }

    @Test func rankingLeavesOutWhatHasNoAnomaly() throws {
        let series = [Planted.series(), Planted.series(anomaly: nil, name: "normal")]
        let run = try DetectionRun(series: series, detectors: [Oracle(), RandomDetector()], threads: 1)
        let tables = try RankingProtocol().tables(of: run, threads: 2)
        #expect(tables[0].rows[0].values[0] == 1 && tables[1].rows.count == 1)
        #expect(tables[0].notes[1].contains("1 of 2"))
        // One pair has no interval.
        #expect(tables[0].rows[1].values[2] == nil)
    }

    @Test func tepTakesItsThresholdFromTheNormalRun() throws {
        let series = [
            Planted.series(name: "d01"), Planted.series(name: "d03"), Planted.series(anomaly: nil, name: "d00"),
        ]
        let run = try DetectionRun(series: series, detectors: [Oracle(), RandomDetector()], threads: 1)
        let table = TEPProtocol().table(of: run, normal: 2)
        #expect(table.rows[0].values == [1, 0, 1])
        #expect(try #require(table.rows[1].values[1]) < 0.03)
    }
}
