import SedgeCore
import Testing

@testable import Evaluation

/// UCR and TSSB on what is known beforehand.
@Suite struct SplitProtocolTests {
    /// Says the class itself, or nothing.
    private struct Oracle: WindowReader {
        let name: String
        let kind = ResultTable.Kind.agent
        let knows: Bool
        func features(of windows: LabelledWindows) -> [[Double]] {
            windows.labels.map { [knows ? Double($0) : 0] }
        }
    }

    private func set(_ name: String) throws -> SplitWindows {
        let labels = (0..<10).map { $0 % 2 }
        let windows = try LabelledWindows(name: name, windows: labels.map { _ in [[1, 2]] }, labels: labels)
        return try SplitWindows(name: name, training: windows, test: windows)
    }

    @Test func theGapIsMeasuredOnSetsThatWerePublished() throws {
        let run = try SplitRun(
            sets: [set("GunPoint"), set("Mine")],
            readers: [Oracle(name: "knows", knows: true), Oracle(name: "blind", knows: false)], threads: 2)
        let table = UCRProtocol().tables(of: run)[0]
        #expect(table.columns.map(\.name) == ["mean", "mean gap to MiniRocket", "mean macro F1", "GunPoint", "Mine"])
        let gap = try #require(table.rows[0].values[1])
        #expect(table.rows[0].values[0] == 1 && abs(gap - (0.992 - 1)) < 1e-12)
        #expect(table.rows[1].values[0] == 0.5 && table.rows[1].values[4] == 0.5)
        #expect(table.rows[2].name == "MiniRocket" && table.rows[2].values[3...] == [0.992, nil])
    }

    @Test func partsThatDoNotFitAreRefused() throws {
        let one = try LabelledWindows(name: "a", windows: [[[1]], [[2]]], labels: [0, 1])
        let two = try LabelledWindows(name: "b", windows: [[[1], [2]]], labels: [0])
        let single = try LabelledWindows(name: "c", windows: [[[1]]], labels: [0])
        #expect(throws: EvaluationError.self) { try SplitWindows(name: "x", training: one, test: two) }
        #expect(throws: EvaluationError.self) { try SplitWindows(name: "x", training: single, test: one) }
    }

    /// Knows the changes of every series.
    private struct Changes: Detector {
        let name = "sedge"
        let changes: [Int]
        func run(on series: DetectionSeries) -> DetectorOutput {
            DetectorOutput(
                scores: [Double](repeating: 0, count: series.rowCount), decisions: .init(changes: changes))
        }
    }

    @Test func trueChangesCoverAllAndNoneCoverTheLongest() throws {
        let series = (0..<2).map { Planted.series(rows: 3000, training: 0, anomaly: nil, name: "s\($0)") }
        let run = try DetectionRun(series: series, detectors: [Changes(changes: [1000, 2000])], threads: 1)
        let tables = TSSBProtocol().tables(of: run, changes: [[1000, 2000], [1000, 2000]])
        let rows = tables[0].rows
        #expect(rows.first?.values == [1, 1, 2, 2])
        let periodic = try #require(rows.first { $0.name == "a change every 1000 rows" })
        let none = try #require(rows.first { $0.name == "no change at all" })
        #expect(periodic.values[0] == 1 && none.values[0] == 1.0 / 3 && none.values[2] == 0)
        let random = try #require(rows.first { $0.name == "random changes" }?.values[0])
        #expect(random > 1.0 / 3 && random < 0.9)
        #expect(tables[1].rows.count == rows.count - PublishedFigures.tssb.count - 1)
        #expect(tables[2].isDetail && tables[2].rows.map(\.name) == ["s0", "s1"])
    }
}
