import SedgeCore
import Testing

@testable import Store
@testable import sedge

/// JSON lines and SQLite; CSV and NPY have tests of their own.
@Suite struct RecordingFormatTests {
    private func lines(_ text: String, _ selection: ColumnSelection = ColumnSelection()) throws -> Recording {
        try JSONLinesReader(Array(text.utf8), path: "a.jsonl").read(selection)
    }

    @Test func jsonLinesAreRowsAndInnerObjectsColumns() throws {
        let recording = try lines(
            """
            {"ts": 1700000000, "acc": {"x": 1, "y": -2.5}, "label": "walk"}

            {"ts": 1700000001, "acc": {"x": 2}, "extra": 7, "label": null}

            """)
        #expect(recording.channels == ["acc.x", "acc.y", "extra"])
        #expect(recording.rowCount == 2)
        #expect(recording.columns[0] == [1, 2])
        #expect(recording.columns[1][0] == -2.5 && recording.columns[1][1].isNaN)
        #expect(recording.columns[2][0].isNaN && recording.columns[2][1] == 7)
        #expect(recording.times?.map(\.microseconds) == [1_700_000_000_000_000, 1_700_000_001_000_000])
        #expect(recording.labels == ["label"] && recording.labelColumns == [["walk", ""]])
    }

    @Test(arguments: [
        (
            "{\"a\": 1}\n{\"a\": \"wet\"}\n",
            "a.jsonl:2, column a: found \"wet\", expected a number as in the lines before"
        ),
        ("{\"a\": 1}\n[2]\n", "a.jsonl:2: found \"[2]\", expected an object of numbers and texts"),
        ("{\"a\": [1, 2]}\n", "a.jsonl:1: found \"{\"a\": [1, 2]}\", expected an object of numbers and texts"),
        ("{\"a\": 1}\n{\"a\": 2", "a.jsonl:2: found \"{\"a\": 2\", expected an object of numbers and texts"),
        ("{\"a\": \"x\"}\n", "a.jsonl: found no numeric column among a"),
        (
            "{\"ts\": 1, \"a\": 2}\n{\"a\": 2}\n",
            "a.jsonl:2, column ts: found \"nan\", expected a time (ISO 8601 or unix)"
        ),
        (
            "{\"ts\": null, \"a\": 2}\n{\"ts\": 1, \"a\": 2}\n",
            "a.jsonl:1, column ts: found \"nan\", expected a time (ISO 8601 or unix)"
        ),
        (
            "{\"ts\": null, \"a\": 2}\n{\"ts\": \"2026-01-01T00:00:00Z\", \"a\": 2}\n",
            "a.jsonl:1, column ts: found \"\", expected a time (ISO 8601 or unix)"
        ),
        (
            "{\"a\": {\"b\": 1}, \"a.b\": 2}\n",
            "a.jsonl:1, column a.b: found the name twice in a row, expected it once"
        ),
        ("\n\n", "a.jsonl: found no rows"),
    ])
    func linesThatAreNoRowsAreNamed(text: String, expected: String) {
        let error = #expect(throws: RecordingError.self) { try lines(text) }
        #expect(error?.description == expected)
    }

    private func database(_ name: String, _ sql: String) throws -> String {
        let path = temporaryPath(name)
        let connection = try SQLiteConnection(path: path, mode: .readWrite)
        try connection.execute(sql)
        return path
    }

    @Test func aTableIsARecording() throws {
        let path = try database(
            "one.db",
            """
            CREATE TABLE samples (time TEXT, flow REAL, state TEXT);
            INSERT INTO samples VALUES ('2026-01-01T00:00:00Z', 1, 'on'), ('2026-01-01T00:00:01Z', NULL, 'off');
            """)
        let recording = try RecordingFile.read(path, selection: ColumnSelection(labels: ["state"]))
        #expect(recording.channels == ["flow"])
        #expect(recording.columns[0][0] == 1 && recording.columns[0][1].isNaN)
        #expect(recording.labelColumns == [["on", "off"]])
        #expect(recording.times?.count == 2)
    }

    @Test func ofSeveralTablesOneHasToBeNamed() throws {
        let path = try database("two.db", "CREATE TABLE a (x); CREATE TABLE b (x); INSERT INTO b VALUES (4);")
        let error = #expect(throws: RecordingError.self) {
            try RecordingFile.read(path, selection: ColumnSelection())
        }
        #expect(error?.description == "\(path): found the tables a, b, expected one or --table")
        #expect(try RecordingFile.read(path, selection: ColumnSelection(), table: "b").columns == [[4]])
        #expect(throws: RecordingError.self) {
            try RecordingFile.read(path, selection: ColumnSelection(), table: "c")
        }
    }
}
