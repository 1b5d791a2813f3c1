import Evaluation
import SedgeCore
import Testing

@testable import sedge

/// UCR, TSSB and ETT as they are found on a disk.
@Suite struct WindowFolderTests {
    private static let head =
        "# a set\n@problemName x\n@timeStamps false\n@univariate false\n@classLabel true up down\n@data\n"

    private func said(_ text: String) -> String { refusal { try TSFile(Array(text.utf8), path: "x.ts") } }

    @Test func sktimeFilesOfSeveralChannels() throws {
        let file = try TSFile(Array("\(Self.head)1,2,3:4,?,6:up\r\n 0,0:1,1:down\n".utf8), path: "x.ts")
        #expect(file.classes == ["up", "down"] && file.labels == [0, 1])
        #expect(
            file.windows[0][0] == [1, 2, 3] && file.windows[0][1][1].isNaN && file.windows[1] == [[0, 0], [1, 1]])
    }

    @Test func sktimeFilesThatAreNone() {
        #expect(said("\(Self.head)1,2:left\n").contains("x.ts:7: found the class \"left\", expected one of up, down"))
        #expect(said("\(Self.head)1,x:up\n").contains("x.ts:7: found \"x\", expected a number"))
        #expect(said("@data\n1:up\n").contains("x.ts:2: found data before @classLabel"))
        #expect(said("@timeStamps true\n").contains("x.ts:1: found time stamps"))
        #expect(said("1,2,3\n").contains("x.ts:1: found \"1,2,3\", expected a header line with @"))
        #expect(said("@classLabel false\n").contains("found no classes"))
        #expect(said(Self.head).contains("found no windows"))
    }

    @Test func archivesAreReadInPairs() throws {
        let folder = try BenchmarkFolder([
            "a_TRAIN.ts": "\(Self.head)1,2:up\n2,1:down\n", "a_TEST.ts": "\(Self.head)3,4:down\n",
        ])
        let sets = try UCRFolder(DataFolder(folder.path, set: "ucr")).sets()
        #expect(sets.map(\.name) == ["a"] && sets[0].test.labels == [1])
        try folder.write("a_TEST.ts", Array("@classLabel true up left\n@data\n3,4:up\n".utf8))
        #expect(
            refusal { try UCRFolder(DataFolder(folder.path, set: "ucr")).sets() }.contains(
                "found the classes up, left, expected those of the training part: up, down"))
    }

    @Test func segmentsOfTheSeriesThatAreThere() throws {
        let folder = try BenchmarkFolder(["desc.txt": "A,10,2,3\nB,10,1\n", "A.txt": "1\n2.5\n-3e0\n4\n"])
        let found = try TSSBFolder(DataFolder(folder.path, set: "tssb")).series()
        #expect(found.count == 1 && found[0].changes == [2, 3] && found[0].series.columns == [[1, 2.5, -3, 4]])
        try folder.write("desc.txt", Array("A,10,4\n".utf8))
        #expect(
            refusal { try TSSBFolder(DataFolder(folder.path, set: "tssb")).series() }.contains(
                "desc.txt:1: found \"A,10,4\", expected name, window and changes in rows 1 to 3"))
        try folder.write("desc.txt", Array("A,10,1\n".utf8))
        try folder.write("A.txt", Array("1\nx\n".utf8))
        #expect(
            refusal { try TSSBFolder(DataFolder(folder.path, set: "tssb")).series() }.contains(
                "A.txt:2: found \"x\", expected a number"))
        try folder.write("A.txt", [])
        #expect(
            refusal { try TSSBFolder(DataFolder(folder.path, set: "tssb")).series() }.contains(
                "A.txt: found no values, expected one a line"))
    }

    @Test func transformersGiveOneColumn() throws {
        let rows = (0..<400).map { "2016-07-\(10 + $0 / 24) \($0 % 24 < 10 ? "0" : "")\($0 % 24):00:00,7,\($0 % 24)" }
        let folder = try BenchmarkFolder(["ETTh9.csv": "date,HUFL,OT\n\(rows.joined(separator: "\n"))\n"])
        let series = try ETTFolder(DataFolder(folder.path, set: "ett")).series()
        #expect(series.map(\.name) == ["ETTh9"] && series[0].season == 24 && series[0].values[..<3] == [0, 1, 2])
    }
}
