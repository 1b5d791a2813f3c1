import FoundationEssentials
import Ingest
import SedgeCore
import Testing

@Suite struct JSONCodecTests {
    @Test(arguments: [
        ("$.temp", #"{"temp":45.6}"#, [45.6]),
        ("$.data.acc[1]", #"{"data":{"acc":[1,2,3]}}"#, [2]),
        ("$['a key'].b", #"{"a key":{"b":-7}}"#, [-7]),
        (#"$["a\"b"]"#, #"{"a\"b":1}"#, [1]),
        ("$[1]", "[5,6]", [6]),
        ("$[1].x", #"[{"x":5},{"x":6}]"#, [6]),
        ("$", "42.5", [42.5]),
        ("$", "[1,2,3]", [1, 2, 3]),
        ("$[*]", "[1,2,3]", [1, 2, 3]),
        ("$.acc[*]", #"{"acc":[1,2,3]}"#, [1, 2, 3]),
        ("$.acc", #"{"acc":[1,2,3]}"#, [1, 2, 3]),
        ("$.acc", #"{"acc":[]}"#, []),
        ("$.samples[*].temp", #"{"samples":[{"temp":1},{"temp":2}]}"#, [1, 2]),
        ("$.samples[*].a[1]", #"{"samples":[{"a":[1,2]},{"a":[3,4]}]}"#, [2, 4]),
        ("$[*].temp", #"[{"temp":1},{"temp":2}]"#, [1, 2]),
        ("$.temp", #"[{"temp":1},{"temp":2}]"#, [1, 2]),
        ("$.temp", #"[{"temp":1},{"other":2},{"temp":3}]"#, [1, 3]),
        ("$.acc", #"[{"acc":[1,2]},{"acc":[3]}]"#, [1, 2, 3]),
        ("$.temp", "[]", []),
        ("$.temp", #"{"temp":"45.6"}"#, [45.6]),
        ("$.on", #"[{"on":true},{"on":false}]"#, [1, 0]),
        ("$.temp", #"{"temp":1,"temp":2}"#, [1]),
        ("$.temp", "\u{FEFF}{\"temp\":1}", [1]),
        ("$.größe", #"{"größe":1}"#, [1]),
        ("$.temp", #"{"t\u0065mp":3}"#, [3]),
    ])
    func findsValues(path: String, text: String, expected: [Double]) throws {
        var decoding = try Decoding(.json, [path])
        try decoding.decode(text)
        #expect(decoding.values == expected.map { [$0] })
    }

    @Test(
        arguments: [
            ("1e400", nil, 1), ("-1e400", nil, 1), ("NaN", nil, 1), ("-Infinity", nil, 1), ("1e-400", 0.0, 0),
            ("-0", 0, 0), ("-0.0", 0, 0), ("12345678901234567890", 1.2345678901234567e19, 0),
            ("123456789012345678901", 1.2345678901234568e20, 0),
            ("-9223372036854775809", -9.223372036854775809e18, 0),
            ("18446744073709551616", 18_446_744_073_709_551_616, 0), ("9007199254740993", 9_007_199_254_740_992, 0),
            ("1.7976931348623157e308", Double.greatestFiniteMagnitude, 0), ("1.7976931348623159e308", nil, 1),
            ("4.9e-324", Double.leastNonzeroMagnitude, 0), ("null", nil, 0), (#""n/a""#, nil, 1), (#""1e400""#, nil, 1),
            ("{}", nil, 1),
            (#""""#, nil, 1), (#"" 5""#, nil, 1), ("true", 1, 0),
        ] as [(String, Double?, Int)])
    func readsNumbersAtTheEdges(text: String, expected: Double?, unusable: Int) throws {
        var decoding = try Decoding(.json, ["$.a", "$.b"])
        try decoding.decode(#"{"s":"1e400, NaN \" NaN","b":2.5,"a":\#(text)}"#)
        #expect(decoding.values == [[expected, 2.5]])
        #expect(decoding.rows.unusableValues == unusable)
    }

    @Test func manyDigitsBeyondADoubleAreUnusable() throws {
        var decoding = try Decoding(.json, ["$.a", "$.b"])
        try decoding.decode(
            #"{"a":1\#(String(repeating: "0", count: 400)),"b":0.\#(String(repeating: "0", count: 400))1}"#)
        #expect(decoding.values == [[nil, 0]])
    }

    @Test func alignsArraysAndHoldsWhatIsOutsideOfThem() throws {
        var decoding = try Decoding(.json, ["$.x[*]", "$.y", "$.temp"], time: "$.ts")
        try decoding.decode(#"{"ts":1700000000,"x":[1,2,3],"y":[4,null],"temp":20}"#)
        #expect(decoding.values == [[1, 4, 20], [2, nil, 20], [3, nil, 20]])
        #expect(decoding.rows.times == [1_700_000_000_000_000, SampleRows.absentTime, SampleRows.absentTime])
        decoding.rows.resolveTimes(arrival: Timestamp(microseconds: 5), interval: 100)
        #expect(decoding.rows.times == [1_700_000_000_000_000, 1_700_000_000_000_100, 1_700_000_000_000_200])
    }

    @Test func givesEachSampleItsTime() throws {
        var decoding = try Decoding(.json, ["$.s[*].v"], time: "$.s[*].t")
        try decoding.decode(
            #"{"s":[{"t":1,"v":1},{"v":2},{"t":"1970-01-01T00:00:03Z","v":3},{"t":4},{"t":null,"v":5}]}"#)
        #expect(decoding.values == [[1], [2], [3], [5]])
        #expect(
            decoding.rows.times == [1_000_000, SampleRows.absentTime, 3_000_000, SampleRows.absentTime])
    }

    @Test(arguments: [
        ("1700000000", 1_700_000_000_000_000), ("1700000000.25", 1_700_000_000_250_000),
        ("1700000000123", 1_700_000_000_123_000), ("1700000000123456", 1_700_000_000_123_456),
        ("1700000000123456789", 1_700_000_000_123_456), (#""1700000000123""#, 1_700_000_000_123_000),
        (#""2023-11-14T22:13:20Z""#, 1_700_000_000_000_000), ("1.7e9", 1_700_000_000_000_000), ("-1", -1_000_000),
    ])
    func readsTimes(text: String, expected: Int64) throws {
        var decoding = try Decoding(.json, ["$.v"], time: "$.ts")
        try decoding.decode(#"{"ts":\#(text),"v":1}"#)
        #expect(decoding.rows.times == [expected])
    }

    @Test(arguments: [#""yesterday""#, "true", "{}", "1e300", "\"\"", "18446744073709551615", "NaN"])
    func refusesBadTimes(text: String) throws {
        var decoding = try Decoding(.json, ["$.v"], time: "$.ts")
        let error = payloadError { () throws(PayloadError) in try decoding.decode(#"{"ts":\#(text),"v":"x"}"#) }
        guard case .badTime = error else {
            Issue.record("\(text): \(String(describing: error))")
            return
        }
        #expect(decoding.rows.isEmpty && decoding.rows.unusableValues == 0)
    }

    @Test func timeIsAbsentWhereThePayloadHasNone() throws {
        var decoding = try Decoding(.json, ["$.v"], time: "$.ts")
        for text in [#"{"v":1}"#, #"{"v":1,"ts":null}"#] {
            try decoding.decode(text)
            #expect(decoding.rows.times == [SampleRows.absentTime])
        }
    }

    @Test func channelsMayVanishAndAppear() throws {
        var decoding = try Decoding(.json, ["$.a", "$.b"])
        for (text, expected) in [
            (#"{"a":1,"b":2}"#, [1, 2] as [Double?]), (#"{"a":1}"#, [1, nil]), (#"{"b":2,"c":3}"#, [nil, 2]),
            (#"{"a":null}"#, [nil, nil]), (#"{"b":2,"a":1}"#, [1, 2]),
        ] {
            try decoding.decode(text)
            #expect(decoding.values == [expected])
        }
    }

    @Test func refusesWhatIsNestedTooDeeply() throws {
        var decoding = try Decoding(.json, ["$.a"])
        func nested(_ depth: Int) -> String {
            #"{"a":1,"b":"# + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
        }
        try decoding.decode(nested(20))
        #expect(throws: PayloadError.tooDeep) { try decoding.decode(nested(100_000)) }
        #expect(throws: PayloadError.tooDeep) { try decoding.decode(nested(40)) }
        // Never closed: simdjson may say first that the end is missing.
        #expect(throws: PayloadError.self) { try decoding.decode(String(repeating: #"{"a":"#, count: 100_000)) }
        try decoding.decode(nested(1))
    }

    @Test func refusesTooManyRowsAndTakesTheMost() throws {
        var decoding = try Decoding(.json, ["$"])
        func array(_ count: Int) -> String { "[" + String(repeating: "1,", count: count - 1) + "1]" }
        try decoding.decode(array(SampleRows.maximumCount))
        #expect(decoding.rows.count == SampleRows.maximumCount)
        #expect(throws: PayloadError.tooManyRows(limit: SampleRows.maximumCount)) {
            try decoding.decode(array(SampleRows.maximumCount + 1))
        }
        try decoding.decode("[1,2]")
        #expect(decoding.values == [[1], [2]])
    }

    @Test func readsAPayloadOfExactlyTheLimit() throws {
        var decoding = try Decoding(.json, ["$.v"])
        let start = #"{"v":1,"pad":""#
        let text = start + String(repeating: "x", count: maximumPayloadBytes - start.utf8.count - 2) + "\"}"
        #expect(text.utf8.count == maximumPayloadBytes)
        for _ in 0..<2 {
            try decoding.decode(text)
            try decoding.decode(#"{"v":2}"#)
            #expect(decoding.values == [[2]])
        }
    }

    @Test(
        arguments: [[0xC3, 0x28], [0xFF], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xF5, 0x80, 0x80, 0x80]] as [[UInt8]])
    func refusesInvalidUTF8(bytes: [UInt8]) throws {
        var decoding = try Decoding(.json, ["$.v"])
        let payload = Array(#"{"v":1,"s":""#.utf8) + bytes + Array("\"}".utf8)
        let error = try #require(payloadError { () throws(PayloadError) in try decoding.decode(payload) })
        #expect(error.description.contains("not UTF-8"))
    }

    @Test(arguments: [
        ("temp", 0), ("", 0), ("$temp", 1), ("$.", 2), ("$..a", 2), ("$.a b", 3), ("$[", 2), ("$[-1]", 2), ("$[1", 3),
        ("$['a]", 5), ("$[*].a[*]", 7), ("$.a.*", 4), ("$[99999999]", 8), ("$.a]", 3), ("$['a'", 5),
    ])
    func refusesBadPathsAndNamesThePlace(path: String, offset: Int) {
        do {
            _ = try makeCodec(
                CodecSettings(
                    kind: .json,
                    channels: [ChannelPath(name: "ok", path: "$.ok"), ChannelPath(name: "temp", path: path)]))
            Issue.record("\(path) was taken")
        } catch {
            guard case .badPath("temp", path, let expected) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(expected.hasSuffix("at byte \(offset)"), "\(error)")
            #expect(error.description.hasPrefix("Channel \"temp\" has the path \"\(path)\", expected "))
        }
    }

    @Test func refusesABadTimePath() {
        let settings = CodecSettings(kind: .json, channels: [ChannelPath(name: "a", path: "$.a")], time: "ts")
        #expect {
            _ = try makeCodec(settings)
        } throws: {
            "\($0)".hasPrefix("The time has the path \"ts\", expected a path that begins with $")
        }
    }
}
