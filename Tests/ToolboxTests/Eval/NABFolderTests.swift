import Evaluation
import SedgeCore
import TestSupport
import Testing

@testable import sedge

@Suite struct NABFolderTests {
    /// 20 rows, a minute apart.
    private static let csv =
        "timestamp,value\n" + (0..<20).map { "2014-04-01 00:\($0 < 10 ? "0" : "")\($0):00,\($0)\n" }.joined()

    private func series(_ labels: String, csv: String = csv) throws -> [DetectionSeries] {
        let files = ["data/g/a.csv": csv, "labels/combined_windows.json": labels]
        let folder = try BenchmarkFolder(files)
        return try NABFolder(DataFolder(folder.path, set: "nab")).series()
    }

    @Test func windowsAreRowsOfTheSeries() throws {
        let found = try series(#"{"g/a.csv": [["2014-04-01 00:05:00.000000", "2014-04-01 00:07:00.000000"]], "x": []}"#)
        #expect(found.count == 1 && found[0].name == "g/a.csv")
        #expect(found[0].anomalies == [5..<8] && found[0].trainingRows == 3 && found[0].columns[0][19] == 19)
    }

    @Test(arguments: [
        ("{}", "combined_windows.json: found no entry for g/a.csv"),
        (#"{"g/a.csv": [["2014-04-01 00:05:30", "2014-04-01 00:07:00"]]}"#, "which no row of the series has"),
        (#"{"g/a.csv": [["2014-04-01 00:05:00"]]}"#, "found a window of 1 times, expected 2"),
        (#"{"g/a.csv": [["soon", "2014-04-01 00:07:00"]]}"#, "found \"soon\", expected a time"),
        (#"{"g/a.csv": [["2014-04-01 00:07:00", "2014-04-01 00:05:00"]]}"#, "back to"),
        (#"{"g/a.csv": 3}"#, "combined_windows.json: found"),
        ("{\n\"g/a.csv\": [[}", "combined_windows.json: found"),
    ])
    func saysWhatIsWrongWithLabels(labels: String, expected: String) {
        let said = refusal { try series(labels) }
        #expect(said.contains(expected), "\(said)")
    }

    @Test func saysWhatIsWrongWithASeries() {
        let labels = #"{"g/a.csv": []}"#
        #expect(
            refusal { try series(labels, csv: Self.csv + "2014-04-01 01:00:00,1,2\n") }.contains(
                "a.csv:22: found 3 fields"))
        #expect(
            refusal { try series(labels, csv: Self.csv + "2014-04-01 01:00:00,x\n") }.contains("a.csv:22, column value")
        )
        #expect(refusal { try series(labels, csv: "timestamp,value\n") }.contains("no rows"))
        #expect(refusal { try series(labels, csv: "") }.contains("empty"))
        #expect(refusal { try series(labels, csv: "a,b\n1,2\n") }.contains("expected timestamp and value"))
    }

    @Test func aFolderMayHoldTheSetOrBeIt() throws {
        let folder = try BenchmarkFolder(["nab/data/x": "", "other": ""])
        #expect(try DataFolder(folder.path, set: "nab").path == folder.path + "/nab")
        #expect(try DataFolder(folder.path + "/nab", set: "nab").path == folder.path + "/nab")
        #expect(refusal { try DataFolder(folder.path + "/none", set: "nab") }.contains("there is no such folder"))
        #expect(refusal { try DataFolder(folder.path + "/other", set: "nab") }.contains("there is no such folder"))
        #expect(
            refusal { try NABFolder(DataFolder(folder.path, set: "nab")).series() }.contains("combined_windows.json"))
    }

    /// The benchmark's own scores per file, from the scores per row of one of its detectors.
    @Test(.enabled(if: TestData.has("nab/reference_results"), "\(TestData.note)"))
    func reproducesEveryStandardScore() throws {
        let folder = try DataFolder(try #require(TestData.path("nab")), set: "nab")
        let published = try #require(try NABFolder(folder).publishedScores().first)
        let series = try NABFolder(folder).series()
        #expect(series.count == 28)
        for series in series {
            let parts = series.name.split(separator: "/")
            let file = "reference_results/\(published.detector)/\(parts[0])/\(published.detector)_\(parts[1])"
            let scores = try folder.recording(file).columns[0]
            let scorer = NABScorer(
                rowCount: series.rowCount, windows: series.anomalies.map { $0.lowerBound...($0.upperBound - 1) })
            let score = scorer.score(detections: scores.indices.filter { scores[$0] >= 1 })
            let expected = try #require(published.scores[series.name])
            #expect(abs(score - expected) < 1e-9, "\(series.name): \(score), published \(expected)")
        }
    }
}
