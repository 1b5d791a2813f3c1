import SedgeCore
import Testing

@testable import sedge

@Suite struct CSVReaderTests {
    private func read(_ text: String, _ selection: ColumnSelection = ColumnSelection()) throws -> Recording {
        try CSVReader(Array(text.utf8), path: "a.csv").read(selection)
    }

    private func message(_ text: String, _ selection: ColumnSelection = ColumnSelection()) -> String {
        do {
            return "read \(try read(text, selection).rowCount) rows"
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: [",", ";", "\t"])
    func findsTheSeparator(separator: String) throws {
        let text = ["time|a|b", "2020-03-09 10:34:33|1|2.5", "2020-03-09 10:34:34|-3e2|"].joined(separator: "\r\n")
        let recording = try read(
            text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: separator))
        #expect(recording.channels == ["a", "b"])
        #expect(recording.columns[0] == [1, -300])
        #expect(recording.columns[1][0] == 2.5)
        #expect(recording.columns[1][1].isNaN)
        #expect(recording.times == [1_583_750_073_000, 1_583_750_074_000].map(Timestamp.init(milliseconds:)))
    }

    @Test func aCommaWinsATie() throws {
        let recording = try read("ts,flow [l;min]\n1700000000,2\n")
        #expect(recording.channels == ["flow [l;min]"] && recording.columns == [[2]])
    }

    @Test func keepsLabelsApart() throws {
        let recording = try read("datetime;x;anomaly;changepoint\n2020-01-01;1;0.0;1.0\n2020-01-02;2;1.0;0.0\n")
        #expect(recording.channels == ["x"])
        #expect(recording.labels == ["anomaly", "changepoint"])
        #expect(recording.labelColumns == [["0.0", "1.0"], ["1.0", "0.0"]])
    }

    @Test func mapsColumnsToChannels() throws {
        let selection = ColumnSelection(
            channels: [ColumnMapping(column: "Flow, RMS", channel: "flow")], time: "t", labels: ["state"])
        let recording = try read("t,\"Flow, RMS\",y,state\n10,1,2,a\n11,3,4,\"b \"\"c\"\"\"\n", selection)
        #expect(recording.channels == ["flow"])
        #expect(recording.columns == [[1, 3]])
        #expect(recording.labelColumns == [["a", "b \"c\""]])
        #expect(recording.times == [10, 11].map { Timestamp(milliseconds: $0 * 1000) })
    }

    @Test func leavesTextOutAndTakesASilentColumn() throws {
        let recording = try read("id,x,off\nabc,1,\ndef,2,NaN\n")
        #expect(recording.channels == ["x", "off"])
        #expect(recording.times == nil)
        #expect(recording.columns[1].allSatisfy { $0.isNaN })
        let (rest, dropped) = try read("x,y\n1,2\n,nan\n3,\n").droppingEmptyRows()
        #expect(dropped == 1)
        #expect(rest.rowCount == 2 && rest.columns[0] == [1, 3])
    }

    @Test func passesOverBlankLinesAndAByteOrderMark() throws {
        let recording = try read("\u{FEFF}x\n\n1\n\n\n2")
        #expect(recording.channels == ["x"] && recording.columns == [[1, 2]])
    }

    @Test(arguments: [
        ("", "a.csv: the file is empty, expected a header line"),
        ("x,y\n", "a.csv:1: the file has a header and no rows"),
        ("1,2\n3,4\n", "a.csv:1: found only numbers in the first line, expected a header with the columns' names"),
        ("x,y\n1,2\n3\n", "a.csv:3: found 1 fields, expected 2 as in the header"),
        ("x,y\n1,2\n\n3,4x\n", "a.csv:4, column y: found \"4x\", expected a number"),
        ("x,x\n1,2\n", "a.csv:1: column 2 has the name \"x\" again"),
        ("a\nb\nc\n", "a.csv:1: found no numeric column to publish among a"),
        ("x,y\n1,\"2\n3,4\n", "a.csv:2: a quoted field is never closed, expected \""),
        (
            "x,y\n1,\"2\"3\n",
            "a.csv:2: found text behind a closing quote, expected a separator or the end of the line"
        ),
        (
            "time,x\n2020-01-01,1\nsoon,2\n",
            "a.csv:3, column time: found \"soon\", expected a time (YYYY-MM-DD HH:MM:SS, ISO 8601 or unix)"
        ),
        ("PK\u{3}\u{4}\0\0", "a.csv: the file is binary, expected CSV with a header line or NPY"),
    ])
    func saysWhatIsWrongAndWhere(text: String, expected: String) { #expect(message(text) == expected) }

    @Test func saysWhichColumnsThereAre() {
        #expect(
            message("x,y\n1,2\n", ColumnSelection(channels: [ColumnMapping(column: "z", channel: "z")]))
                == "a.csv: found no column \"z\", there are x, y")
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func survivesAnyBytes(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let valid = Array(
            "datetime;\"a;1\";b;label\n2020-01-01 00:00:00;1;2.5;0\r\n2020-01-01 00:00:01;\"3\";nan;1\n".utf8)
        let special = Array(",;\t\"\n\r0-:.\0\u{7F}".utf8)
        var readable = 0
        for _ in 0..<3000 {
            var bytes = valid
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[index] = special[Int.random(in: 0..<special.count, using: &random)]
                case 1: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 2: bytes.remove(at: index)
                default: bytes.removeSubrange(index...)
                }
                if bytes.isEmpty { bytes = [UInt8(ascii: ",")] }
            }
            guard let recording = try? CSVReader(bytes, path: "fuzz").read(ColumnSelection()) else { continue }
            readable += 1
            #expect(recording.columns.allSatisfy { $0.count == recording.rowCount })
            #expect(recording.labelColumns.allSatisfy { $0.count == recording.rowCount })
            #expect(recording.times.map { $0.count == recording.rowCount } ?? true)
        }
        #expect(readable > 100, "the mutations leave some files readable")
    }
}
