import ArgumentParser
import Evaluation
import SedgeCore
import TestSupport
import Testing

@testable import sedge

/// SKAB, SMAP, ASD, TEP and plain CSV files as they are found on a disk.
@Suite struct DetectionFolderTests {
    private func pump(rows: Int = 410, label: (Int) -> String = { $0 >= 405 ? "1.0" : "0.0" }) -> String {
        "datetime;a;anomaly;changepoint\n"
            + (0..<rows).map { "2020-03-09 10:\(10 + $0 / 60):\(10 + $0 % 50);\(Double($0) / 7);\(label($0));0\n" }
            .joined()
    }

    @Test func skabTakesFilesThatHaveLabels() throws {
        let folder = try BenchmarkFolder([
            "data/valve1/1.csv": pump(), "data/free/f.csv": "datetime;a\n2020-03-09 10:10:10;1\n",
            "data/README.md": "x",
        ])
        let series = try SKABFolder(DataFolder(folder.path, set: "skab")).series()
        #expect(series.map(\.name) == ["valve1/1.csv"])
        #expect(series[0].columns.count == 1 && series[0].anomalies == [405..<410] && series[0].trainingRows == 400)
    }

    @Test func skabSaysWhatIsWrong() throws {
        func said(_ text: String) throws -> String {
            let folder = try BenchmarkFolder(["data/v/1.csv": text])
            return refusal { try SKABFolder(DataFolder(folder.path, set: "skab")).series() }
        }
        #expect(
            try said(pump { $0 == 7 ? "perhaps" : "0" }).contains(
                "v/1.csv:9: found the label \"perhaps\", expected 0 or 1"))
        #expect(try said(pump(rows: 90)).contains("v/1.csv: found 90 rows, expected more than the 400 to train on"))
        #expect(try said("a;b\n1;2\n").contains("found no CSV file with a column anomaly among 1"))
    }

    @Test func smapPutsTestBehindTraining() throws {
        let folder = try BenchmarkFolder([
            "labeled_anomalies.csv":
                "chan_id,spacecraft,anomaly_sequences,class,num_values\nA-1,SMAP,\"[[2, 3], [5, 5]]\",[point],8\nA-1,SMAP,\"[[3, 4]]\",[point],8\nZ-9,SMAP,[],[],8\n"
        ])
        try folder.write("train/A-1_telemetry.npy", shape: [6], Array(repeating: 1, count: 6))
        try folder.write("test/A-1_telemetry.npy", shape: [8], (0..<8).map { Float($0) })
        let series = try SMAPFolder(DataFolder(folder.path, set: "smap")).series()
        #expect(series.count == 1 && series[0].name == "A-1" && series[0].rowCount == 14)
        #expect(series[0].anomalies == [8..<12] && series[0].trainingRows == 6)
        try folder.write("test/B-1_telemetry.npy", shape: [8], (0..<8).map { Float($0) })
        #expect(
            refusal { try SMAPFolder(DataFolder(folder.path, set: "smap")).series() }.contains("found no line for B-1"))
    }

    @Test(arguments: [
        ("[[1, 2], [4, 4]]", [1..<3, 4..<5]), ("[]", []), ("[[1,2]]", [1..<3]), ("[[2, 1]]", nil), ("[[1, x]]", nil),
        ("1, 2", nil), ("[[1, 2]", nil), ("[[1, 2, 3]]", nil), ("[[-1, 2]]", nil), ("", nil), ("[", nil),
        ("[[1, 9223372036854775807]]", nil),
    ])
    func spansAreReadStrictly(text: String, spans: [Range<Int>]?) {
        #expect(SMAPFolder.spans(text) == spans)
    }

    @Test func smapSaysWhatIsWrong() throws {
        func said(_ line: String, header: String = "chan_id,spacecraft,anomaly_sequences") throws -> String {
            let folder = try BenchmarkFolder(["labeled_anomalies.csv": header + "\n" + line + "\n"])
            try folder.write("train/A-1_telemetry.npy", shape: [6], Array(repeating: 1, count: 6))
            try folder.write("test/A-1_telemetry.npy", shape: [8], (0..<8).map { Float($0) })
            return refusal { try SMAPFolder(DataFolder(folder.path, set: "smap")).series() }
        }
        #expect(
            try said("A-1,SMAP,\"[[1, 2]\"").contains(
                "labeled_anomalies.csv:2: found \"[[1, 2]\", expected [[first, last], …]"))
        #expect(try said("A-1,SMAP").contains("labeled_anomalies.csv:2: found 2 fields"))
        #expect(try said("A-1,SMAP,\"[[1, 9]]\"").contains("found a label for row 9 of a test part of 8 rows"))
        #expect(
            try said("A-1,[]", header: "channel,spans").contains("labeled_anomalies.csv:1: expected columns chan_id"))
    }

    @Test func asdReadsThreeFilesAServer() throws {
        let folder = try BenchmarkFolder()
        try folder.write("omi-1_train.npy", shape: [5, 2], Array(repeating: 0.5, count: 10))
        try folder.write("omi-1_test.npy", shape: [4, 2], (0..<8).map { Float($0) })
        try folder.write("omi-1_test_label.npy", labels: [0, 1, 1, 0])
        let data = try DataFolder(folder.path, set: "asd")
        let series = try ASDFolder(data).series()
        #expect(series.count == 1 && series[0].columns[1][6] == 3 && series[0].anomalies == [6..<8])
        try folder.write("omi-1_test_label.npy", labels: [0, 1])
        #expect(refusal { try ASDFolder(data).series() }.contains("label.npy: found 2 labels for 4 rows"))
        try folder.write("omi-1_test_label.npy", labels: [0, 1, 7, 0])
        #expect(refusal { try ASDFolder(data).series() }.contains("found the label 7.0 in row 2"))
        try folder.write("omi-1_train.npy", shape: [5, 3], Array(repeating: 0.5, count: 15))
        try folder.write("omi-1_test_label.npy", labels: [0, 1, 1, 0])
        #expect(refusal { try ASDFolder(data).series() }.contains("found 3 columns to train on and 2 to test on"))
    }

    @Test func tepPutsTheNormalRunLast() throws {
        let folder = try BenchmarkFolder()
        let data = try DataFolder(folder.path, set: "tep")
        try folder.write("d00.npy", shape: [10, 2], Array(repeating: 1, count: 20))
        try folder.write("d01_te.npy", shape: [200, 2], Array(repeating: 1, count: 400))
        #expect(refusal { try TEPFolder(data).series() }.contains("found no d00_te.npy"))
        try folder.write("d00_te.npy", shape: [200, 2], Array(repeating: 1, count: 400))
        let series = try TEPFolder(data).series()
        #expect(
            series.map(\.name) == ["d01", "d00"] && series[0].anomalies == [170..<210] && series[1].anomalies.isEmpty)
        try folder.write("d01_te.npy", shape: [100, 2], Array(repeating: 1, count: 200))
        #expect(refusal { try TEPFolder(data).series() }.contains("found 100 rows, expected a fault at row 161"))
    }

    @Test func theBarSaysWhatIsLeft() {
        let line = EvaluationProgress.line(share: 0.25, seconds: 30, note: "detectors on 3 series")
        #expect(line == "▕██████                  ▏ 25 %  detectors on 3 series, 1:30 left")
        #expect(!EvaluationProgress.line(share: 0.001, seconds: 1, note: "x").contains("left"))
    }

    @Test(arguments: [
        (["nab", "--limit", "0"], "--limit is 0"), (["csv", "x.csv"], "csv needs a file and --label"),
        (["nab", "x.csv"], "belong to csv alone"), (["nab", "--threads", "0"], "--threads is 0"),
        (["nab", "--hop", "2000"], "--hop is 2000"), (["swat"], "'swat' is invalid"),
    ])
    func argumentsAreChecked(arguments: [String], expected: String) {
        let error = #expect(throws: (any Error).self) { try EvalCommand.parse(arguments) }
        let said = error.map(EvalCommand.message) ?? ""
        #expect(said.contains(expected), "\(said)")
    }
}
