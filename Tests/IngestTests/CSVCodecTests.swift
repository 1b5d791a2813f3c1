import Ingest
import SedgeCore
import Testing

@Suite struct CSVCodecTests {
    @Test(
        arguments: [
            ("1.5,2\n", [[1.5, 2]]),
            ("1.5,2", [[1.5, 2]]),
            ("1.5,2\r\n3,4\r\n\r\n", [[1.5, 2], [3, 4]]),
            ("1.5;2\n3;4\n", [[1.5, 2], [3, 4]]),
            ("1,5;2,25\n", [[1.5, 2.25]]),
            ("1.5\t2\n\t4\n", [[1.5, 2], [nil, 4]]),
            (" 1.5 , 2 \n", [[1.5, 2]]),
            ("\"1.5\",\"2\"\n", [[1.5, 2]]),
            ("\"x\ny\",2\n", [[nil, 2]]),
            ("a,b\n1,2\n", [[1, 2]]),
            ("\"a;1\",b\n1,2\n", [[1, 2]]),
            (",2\n", [[nil, 2]]),
            ("n/a,2\nNULL,3\n-,4\n", [[nil, 2], [nil, 3], [nil, 4]]),
            ("1\n", [[1, nil]]),
            ("+1.5,.5\n", [[1.5, 0.5]]),
            ("1,2,3,4\n", [[1, 2]]),
        ] as [(String, [[Double?]])])
    func readsColumnsByNumber(text: String, expected: [[Double?]]) throws {
        var decoding = try Decoding(.csv, ["0", "1"])
        try decoding.decode(text)
        #expect(decoding.values == expected)
    }

    @Test func findsColumnsByTheHeadersNames() throws {
        var decoding = try Decoding(.csv, ["temp", "vib rms"], time: "ts")
        for _ in 0..<2 {
            try decoding.decode("ts,\"vib rms\",other,temp\n1700000000,0.5,x,21\n2023-11-14T22:13:21Z,0.75,,\n")
            #expect(decoding.values == [[21, 0.5], [nil, 0.75]])
            #expect(decoding.rows.times == [1_700_000_000_000_000, 1_700_000_001_000_000])
        }
        try decoding.decode("temp;vib rms\n1,5;2\n")
        #expect(decoding.values == [[1.5, 2]])
        #expect(decoding.rows.times == [SampleRows.absentTime])
        try decoding.decode("\u{FEFF}temp\n3\n")
        #expect(decoding.values == [[3, nil]])
    }

    @Test func aHeaderWithDoubledQuotesIsFound() throws {
        var decoding = try Decoding(.csv, [#"say "hi", you"#])
        try decoding.decode("x,\"say \"\"hi\"\", you\"\n1,2\n")
        #expect(decoding.values == [[2]])
    }

    @Test func aHeaderAloneIsNoSample() throws {
        var decoding = try Decoding(.csv, ["temp"])
        try decoding.decode("temp,other\n")
        #expect(decoding.rows.isEmpty)
    }

    @Test func textInDataIsMissingAndCounted() throws {
        var decoding = try Decoding(.csv, ["0", "1"])
        try decoding.decode("1,2\nerror,inf\n3,nan\n")
        #expect(decoding.values == [[1, 2], [nil, nil], [3, nil]])
        #expect(decoding.rows.unusableValues == 3)
    }

    @Test func theTimeMayStandInANumberedColumn() throws {
        var decoding = try Decoding(.csv, ["1"], time: "0")
        try decoding.decode("time,value\n1700000000123,1\n,2\n")
        #expect(decoding.rows.times == [1_700_000_000_123_000, SampleRows.absentTime])
        #expect(throws: PayloadError.badTime("noon")) { try decoding.decode("1700000000,1\nnoon,2\n") }
    }

    @Test func namesTheLineThatIsWrong() throws {
        var decoding = try Decoding(.csv, ["0"])
        for (text, line) in [("1\n\n2\n\"3", 4), ("1\n\u{2}\n", 2), ("1\n2\n\"3\"x\n4", 3), ("hello\n", 1)] {
            let error = payloadError { () throws(PayloadError) in try decoding.decode(text) }
            guard case .badLine(line, _) = error else {
                Issue.record("\(text): \(String(describing: error)), expected line \(line)")
                continue
            }
        }
    }

    @Test func refusesTooManyLines() throws {
        var decoding = try Decoding(.csv, ["0"])
        #expect(throws: PayloadError.tooManyRows(limit: SampleRows.maximumCount)) {
            try decoding.decode(String(repeating: "1\n", count: SampleRows.maximumCount + 1))
        }
        try decoding.decode(String(repeating: "1\n", count: SampleRows.maximumCount))
        #expect(decoding.rows.count == SampleRows.maximumCount)
    }
}
