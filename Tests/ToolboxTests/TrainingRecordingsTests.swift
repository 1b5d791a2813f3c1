import ArgumentParser
import SedgeCore
import TestSupport
import Testing
import Training

@testable import sedge

/// What recordings a run takes, and with which sentence it refuses the others.
@Suite struct TrainingRecordingsTests {
    private func file(_ name: String, _ rows: [String]) throws -> String {
        let path = temporaryPath(name)
        try FileBytes.write(Array(rows.joined(separator: "\n").utf8), to: path)
        return path
    }

    private func read(_ paths: [String], _ options: [String] = []) throws -> TrainingData {
        let parsed = try RecordingOptions.parse(
            paths.flatMap { ["--data", $0] } + ["--data-licence", "CC0-1.0"] + options)
        return try TrainingRecordings(parsed, shortest: 40).read(paths)
    }

    private func refusal(_ name: String, _ rows: [String], _ options: [String] = []) throws -> String {
        let path = try file(name, rows)
        let failure = #expect(throws: Failure.self) { try read([path], options) }
        #expect(failure?.code == .data)
        return failure?.description ?? ""
    }

    private func wave(_ count: Int, _ value: (Int) -> String = { "\($0 % 7)" }) -> [String] {
        ["a"] + (0..<count).map(value)
    }

    @Test func whatTeachesNothingIsRefused() throws {
        #expect(try refusal("t-empty.csv", []).contains("the file is empty"))
        #expect(try refusal("t-short.csv", wave(20)).contains("found 20 samples, expected at least 40"))
        #expect(try refusal("t-constant.csv", wave(90) { _ in "3" }).contains("found a constant"))
        let constants = ["a,b"] + (0..<90).map { _ in "3,4" }
        #expect(try refusal("t-constants.csv", constants).contains("found constants alone"))
        #expect(
            try refusal("t-ragged.csv", ["a,b", "1,2", "3"]).contains("t-ragged.csv:3: found 1 fields, expected 2"))
        #expect(try refusal("t-text.csv", wave(90) { $0 == 50 ? "wet" : "\($0 % 7)" }).contains("found \"wet\""))
        #expect(
            try refusal("t-gap.csv", wave(200) { (50..<120).contains($0) ? "nan" : "\($0 % 7)" })
                .contains("70 missing samples in a row from row 50"))
        #expect(try refusal("t-few.csv", wave(90) { $0 % 3 == 0 ? "\($0 % 7)" : "nan" }).contains("samples missing"))
    }

    @Test func aChannelThatStoodStillIsLeftOut() throws {
        let path = try file("t-still.csv", ["a,b"] + (0..<90).map { "\($0 % 7),4" })
        #expect(try read([path]).training.map(\.name) == ["\(path), column a"])
    }

    private func timed(_ count: Int, every interval: Double) -> [String] {
        ["time,a"] + (0..<count).map { "\(1_700_000_000 + interval * Double($0)),\($0 % 7)" }
    }

    @Test func unlikeRatesNeedOneToBringThemTo() throws {
        let fast = try file("t-fast.csv", timed(400, every: 0.1))
        let slow = try file("t-slow.csv", timed(400, every: 1))
        let failure = #expect(throws: Failure.self) { try read([fast, slow]) }
        #expect(failure?.description.contains("found 1.0 rows a second, expected 10.0") == true)
        let data = try read([fast, slow], ["--rate", "1"])
        #expect((data.training + data.heldOut).map(\.count).reduce(0, +) >= 430)
        let other = #expect(throws: Failure.self) { try read([slow], ["--rate", "10"]) }
        #expect(other?.description.contains("found 1.0 rows a second, expected 10.0, as --rate says") == true)
    }

    /// A machine that stood still between two gaps.
    @Test func aStretchThatTeachesNothingIsLeftOut() throws {
        func rows(_ starts: [(second: Int, moves: Bool)]) -> [String] {
            ["time,a"]
                + starts.flatMap { start in
                    (0..<100).map { "\(1_700_000_000 + start.second + $0),\(start.moves ? $0 % 7 : 0)" }
                }
        }
        let path = try file("t-quiet.csv", rows([(0, true), (1000, false), (2000, true)]))
        let data = try read([path], ["--rate", "1"])
        #expect(data.training.count + data.heldOut.count == 2)
        let still = rows([(0, false), (1000, false)])
        #expect(try refusal("t-still-rate.csv", still, ["--rate", "1"]).contains("found a constant"))
    }

    @Test func labelsBecomeClassesAndOneExampleIsTooFew() throws {
        let rows = ["a,kind"] + (0..<400).map { "\($0 % 7),\($0 < 200 ? "idle" : "busy")" }
        let path = try file("t-labels.csv", rows)
        #expect(try read([path], ["--labels", "kind"]).classes == ["busy", "idle"])
        let once = ["a,kind"] + (0..<90).map { "\($0 % 7),\($0 == 3 ? "jam" : "idle")" }
        #expect(try refusal("t-once.csv", once, ["--labels", "kind"]).contains("class \"jam\": found 1 labelled row"))
        #expect(try refusal("t-nolabel.csv", wave(90), ["--labels", "kind"]).contains("found no column \"kind\""))
    }

    @Test func jointRecordingsHaveTheSameChannels() throws {
        let both = ["a,b"] + (0..<300).map { "\($0 % 7),\($0 % 5)" }
        let first = try file("t-joint1.csv", both)
        let second = try file("t-joint2.csv", ["a,c"] + both.dropFirst())
        let data = try read([first], ["--mode", "joint"])
        #expect(data.training.map(\.channels.count) == [2])
        let failure = #expect(throws: Failure.self) { try read([first, second], ["--mode", "joint"]) }
        #expect(failure?.description.contains("found the channels a, c, expected those of") == true)
    }

    @Test func anEncoderIsGivenAsManyColumnsAsItReads() throws {
        let path = try file("t-inputs.csv", ["a,b"] + (0..<1200).map { "\($0 % 7),\($0 % 5)" })
        #expect(try TrainingRecordings.read([path], inputs: 1).training.map(\.channels.count) == [1, 1])
        #expect(try TrainingRecordings.read([path], inputs: 2).training.map(\.channels.count) == [2])
        let failure = #expect(throws: Failure.self) { try TrainingRecordings.read([path], inputs: 3) }
        #expect(failure?.code == .data && failure?.description.contains("found 2 numeric columns, expected 3") == true)
    }

    @Test func aFolderIsReadByItsEndings() throws {
        let failure = #expect(throws: Failure.self) { try read(["/dev/null/none"]) }
        #expect(failure?.code == .io)
        let folder = TemporaryFolder()
        let empty = #expect(throws: Failure.self) { try read([folder.path]) }
        #expect(empty?.code == .data)
        #expect(empty?.description.contains("found none of .csv .npy .jsonl .ndjson .db .sqlite .sqlite3") == true)
        // What ends otherwise is no recording, whatever it holds.
        for name in ["notes.txt", "a.csv.old", "README", "table.json"] { try folder.write(name, "no, recording\n1") }
        let stillEmpty = #expect(throws: Failure.self) { try read([folder.path]) }
        #expect(stillEmpty?.code == .data)

        let lines = (0..<90).map { #"{"a":\#($0 % 5)}"# }.joined(separator: "\n")
        try folder.write("b.csv", wave(90).joined(separator: "\n"))
        try folder.write("c.jsonl", lines)
        try folder.write("a.ndjson", lines)
        try folder.write("d.csv", (["u,v"] + (0..<90).map { "\($0 % 7),\($0 % 3)" }).joined(separator: "\n"))
        let data = try read([folder.path])
        #expect(data.heldOut.isEmpty)
        #expect(
            data.training.map(\.name)
                == ["a.ndjson, column a", "b.csv, column a", "c.jsonl, column a", "d.csv, column u", "d.csv, column v"]
                .map { folder.file($0) })
        #expect(data.training.map(\.count) == [90, 90, 90, 90, 90])

        // One that is not what its ending says is named, and nothing of the folder is read.
        try folder.write("e.npy", "not numpy's")
        let bad = #expect(throws: Failure.self) { try read([folder.path]) }
        #expect(bad?.code == .data && bad?.description.contains("e.npy") == true)
    }
}
