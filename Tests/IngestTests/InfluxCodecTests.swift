import Ingest
import SedgeCore
import Testing

/// Lines marked (docs) are examples of InfluxDB's line protocol reference.
@Suite struct InfluxCodecTests {
    @Test(
        arguments: [
            // (docs)
            ("fieldKey", "myMeasurement,tag1=value1,tag2=value2 fieldKey=\"fieldValue\" 1556813561098000000", [nil]),
            ("value", "measurementName fieldKey=\"f\",value=1.0 1556813561098000000", [1]),
            ("fieldKey", "myMeasurement fieldKey=1.0", [1]),
            ("fieldKey", "myMeasurement fieldKey=1", [1]),
            ("fieldKey", "myMeasurement fieldKey=-1.234456e+78", [-1.234456e78]),
            ("fieldKey", "myMeasurement fieldKey=12485903i", [12_485_903]),
            ("fieldKey", "myMeasurement fieldKey=-12485903i", [-12_485_903]),
            ("fieldKey", "myMeasurement fieldKey=12485903u", [12_485_903]),
            (
                "fieldKey", "myMeasurement fieldKey=true\nmyMeasurement fieldKey=F\nmyMeasurement fieldKey=TRUE",
                [1, 0, 1]
            ),
            ("temperature", "weather,location=us-midwest temperature=82 1465839830100400200", [82]),
            ("weather.temperature", "weather,location=us-midwest,season=summer temperature=82", [82]),
            ("field key", #"my\ Measurement,tag\ Key1=tag\ Value1 field\ key=3"#, [3]),
            ("my Measurement.v", #"my\ Measurement v=4"#, [4]),
            ("v", #"m,tag\,k=a\=b s="string with \" quote, and = sign",v=5"#, [5]),
            ("v", "# a comment\n\nm v=6\r\n", [6]),
            ("v", "m s=\"line\nend\",v=7", [7]),
            ("a.b", "m a.b=8", [8]),
            ("m.a.b", "m a.b=9", [9]),
            ("v", "m,url=x=y v=10", [10]),
            ("v", "m v=1 1\nm v=2 2\nm v=3 1", [3, 2]),
            ("v", #"C:\temp v=11"#, [11]),
        ] as [(String, String, [Double?])])
    func readsLines(path: String, text: String, expected: [Double?]) throws {
        var decoding = try Decoding(.influx, [path])
        try decoding.decode(text)
        #expect(decoding.values == expected.map { [$0] })
    }

    @Test func linesOfOneTimeMakeARow() throws {
        var decoding = try Decoding(.influx, ["cpu.load", "mem.used", "load"])
        try decoding.decode(
            "cpu load=1 1700000000000000000\nmem used=2i 1700000000000000000\ncpu load=3 1700000001000000000\n")
        #expect(decoding.values == [[1, 2, 1], [3, nil, 3]])
        #expect(decoding.rows.times == [1_700_000_000_000_000, 1_700_000_001_000_000])
    }

    @Test func linesWithoutATimeAreSuccessiveSamples() throws {
        var decoding = try Decoding(.influx, ["a", "b"])
        try decoding.decode("m a=1\nm b=2\nm a=3\nm a=4,b=5\n")
        #expect(decoding.values == [[1, 2], [3, nil], [4, 5]])
        #expect(decoding.rows.times == Array(repeating: SampleRows.absentTime, count: 3))
    }

    @Test func takesTheUnitOfTheSettings() throws {
        var settings = CodecSettings(kind: .influx, channels: [ChannelPath(name: "a", path: "a")])
        settings.timeUnit = .nanoseconds
        var decoding = try Decoding(settings)
        try decoding.decode("m a=1 1000000")
        #expect(decoding.rows.times == [1000])
        settings.timeUnit = .auto
        decoding = try Decoding(settings)
        try decoding.decode("m a=1 1700000000123")
        #expect(decoding.rows.times == [1_700_000_000_123_000])
    }

    @Test func namesTheLineThatIsWrong() throws {
        var decoding = try Decoding(.influx, ["a"])
        let error = payloadError { () throws(PayloadError) in try decoding.decode("m a=1\n# x\nm a=1x\n") }
        #expect(error?.description == "Line 3 of the payload can not be read: \"1x\" is no value of a field.")
        #expect(throws: PayloadError.badTime("1.5")) { try decoding.decode("m a=1 1.5") }
    }

    @Test func countsTextsAndInfinities() throws {
        var decoding = try Decoding(.influx, ["a", "b", "c"])
        try decoding.decode("m a=\"1\",b=inf,c=1e999,d=\"x\"")
        #expect(decoding.values == [[nil, nil, nil]])
        #expect(decoding.rows.unusableValues == 3)
    }
}
