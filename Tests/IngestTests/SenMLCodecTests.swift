import Ingest
import SedgeCore
import Testing

/// The packs are RFC 8428's own examples (5.1).
@Suite struct SenMLCodecTests {
    static let device = "urn:dev:ow:10e2073a01080063"
    static let arrival = Timestamp(microseconds: 1_700_000_000_000_000)

    @Test func readsASingleDatapoint() throws {
        var decoding = try Decoding(.senml, [Self.device])
        try decoding.decode(#"[{"n":"urn:dev:ow:10e2073a01080063","u":"Cel","v":23.1}]"#)
        #expect(decoding.values == [[23.1]])
        decoding.rows.resolveTimes(arrival: Self.arrival, interval: 1)
        #expect(decoding.rows.times == [Self.arrival.microseconds])
    }

    @Test(arguments: [["voltage", "current"], [device + ":voltage", device + ":current"]])
    func readsMultipleDatapoints(paths: [String]) throws {
        var decoding = try Decoding(.senml, paths)
        try decoding.decode(
            """
            [
              {"bn":"urn:dev:ow:10e2073a01080063:","n":"voltage","u":"V","v":120.1},
              {"n":"current","u":"A","v":1.2}
            ]
            """)
        #expect(decoding.values == [[120.1, 1.2]])
    }

    @Test func readsASeriesWithBaseTimeAndRelativeTimes() throws {
        var decoding = try Decoding(.senml, ["voltage", "current"])
        try decoding.decode(
            """
            [
              {"bn":"urn:dev:ow:10e2073a0108006:","bt":1.276020076001e+09, "bu":"A","bver":5,
               "n":"voltage","u":"V","v":120.1},
              {"n":"current","t":-5,"v":1.2},
              {"n":"current","t":-4,"v":1.3},
              {"n":"current","t":-3,"v":1.4},
              {"n":"current","t":-2,"v":1.5},
              {"n":"current","t":-1,"v":1.6},
              {"n":"current","v":1.7}
            ]
            """)
        #expect(decoding.values == [[120.1, 1.7], [nil, 1.2], [nil, 1.3], [nil, 1.4], [nil, 1.5], [nil, 1.6]])
        let base: Int64 = 1_276_020_076_001_000
        let before: [Int64] = [5, 4, 3, 2, 1]
        #expect(decoding.rows.times == [base] + before.map { base - $0 * 1_000_000 })
    }

    @Test func readsAMovingObservationRelativeToTheArrival() throws {
        var decoding = try Decoding(.senml, [Self.device, "lon"])
        try decoding.decode(
            """
            [
              {"bn":"urn:dev:ow:10e2073a01080063","bt":1.320067464e+09,"bu":"%RH","v":20},
              {"u":"lon","v":24.30621},
              {"u":"lat","v":60.07965},
              {"t":60,"v":20.3}
            ]
            """)
        // The name is the base name alone in every record: of one time the last counts.
        #expect(decoding.values == [[60.07965, nil], [20.3, nil]])
        try decoding.decode(#"[{"n":"lon","bt":-60,"v":1},{"n":"lon","t":30,"v":2},{"n":"lon","t":60.5,"v":3}]"#)
        #expect(decoding.rows.hasTime(0) == false)
        decoding.rows.resolveTimes(arrival: Self.arrival, interval: 1)
        #expect(decoding.rows.times == [-60_000_000, -30_000_000, 500_000].map { Self.arrival.microseconds + $0 })
    }

    @Test func readsBooleansAndLeavesOtherTypes() throws {
        var decoding = try Decoding(.senml, ["temp", "open", "label", "nfv-reader"])
        try decoding.decode(
            """
            [
              {"bn":"urn:dev:ow:10e2073a01080063:","n":"temp","u":"Cel","v":23.1},
              {"n":"label","vs":"Machine Room"},
              {"n":"open","vb":false},
              {"n":"nfv-reader","vd":"aGkgCg"}
            ]
            """)
        #expect(decoding.values == [[23.1, 0, nil, nil]])
    }

    @Test func addsTheBaseValue() throws {
        var decoding = try Decoding(.senml, ["a", "b"])
        try decoding.decode(
            #"[{"bv":20,"n":"a","v":0.5},{"n":"b","vb":true},{"bv":1,"n":"a","t":1,"v":1},{"n":"a","t":2,"s":9}]"#)
        #expect(decoding.values == [[20.5, 1], [2, nil]])
    }

    @Test func seriesAfterSeriesBecomeRows() throws {
        var decoding = try Decoding(.senml, ["a", "b"])
        let times = 0..<2000
        let records = ["a", "b"].flatMap { name in
            times.map { #"{"n":"\#(name)","t":\#(1_700_000_000 + $0),"v":\#($0)}"# }
        }
        try decoding.decode("[\(records.joined(separator: ","))]")
        #expect(decoding.values == times.map { [Double($0), Double($0)] })
    }

    @Test func countsValuesThatAreNoNumbers() throws {
        var decoding = try Decoding(.senml, ["a", "b"])
        try decoding.decode(#"[{"n":"a","v":NaN},{"n":"b","v":"x"},{"n":"a","t":1,"bv":1e308,"v":1e308}]"#)
        #expect(decoding.values == [[nil, nil], [nil, nil]])
        #expect(decoding.rows.unusableValues == 3)
    }

    @Test func anEmptyPackIsNoSample() throws {
        var decoding = try Decoding(.senml, ["a"])
        try decoding.decode("[]")
        #expect(decoding.rows.isEmpty)
    }

    @Test func refusesTimesOutOfRange() throws {
        var decoding = try Decoding(.senml, ["a"])
        #expect(throws: PayloadError.badTime("1e+300")) { try decoding.decode(#"[{"n":"a","v":1,"t":1e300}]"#) }
    }
}
