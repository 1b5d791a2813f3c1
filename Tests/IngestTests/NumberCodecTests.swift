import Ingest
import SedgeCore
import Testing

@Suite struct NumberCodecTests {
    @Test(
        arguments: [
            ("23.5", 23.5), ("-1e3\r\n", -1000), ("+7", 7), (".5", 0.5), ("1.", 1), ("1e-400", 0), ("-0", 0),
            ("\t 12345678901234567890 ", 1.2345678901234567e19), ("nan", nil), ("-inf", nil), ("Infinity", nil),
            ("1e400", nil),
        ] as [(String, Double?)])
    func readsNumbers(text: String, expected: Double?) throws {
        var decoding = try Decoding(.number, ["$"])
        try decoding.decode(text)
        #expect(decoding.values == [[expected]])
        #expect(decoding.rows.unusableValues == (expected == nil ? 1 : 0))
        #expect(decoding.rows.times == [SampleRows.absentTime])
    }

    @Test func takesOneChannelAlone() {
        let channels = ["a", "b"].map { ChannelPath(name: $0, path: "$") }
        #expect(throws: CodecSettingsError.tooManyChannels(found: 2, limit: 1)) {
            _ = try makeCodec(CodecSettings(kind: .number, channels: channels))
        }
        #expect(throws: CodecSettingsError.self) {
            _ = try makeCodec(CodecSettings(kind: .number, channels: [ChannelPath(name: "a", path: "$.a")]))
        }
    }
}
