import Ingest
import SedgeCore
import Testing

/// A codec with payloads that every check needs: the sample 0.5, 45.25 (or 0.5 alone) in each format.
struct ConformanceCase: CustomTestStringConvertible, Sendable {
    let settings: CodecSettings
    let good: String
    let expected: [[Double]]
    /// Must be refused whole, although it begins well.
    let broken: [String]
    /// Holds no channel, but is well-formed; nil where the format can not do so.
    let withoutChannel: String?
    var testDescription: String { settings.kind.rawValue }

    private static func settings(_ kind: StreamCodec, _ paths: String...) -> CodecSettings {
        CodecSettings(kind: kind, channels: paths.map { ChannelPath(name: $0, path: $0) })
    }

    static let all = [
        ConformanceCase(
            settings: settings(.json, "$.vib", "$.temp"),
            good: #"[{"vib":0.5,"temp":45.25},{"vib":1.5,"temp":46,"other":"x"}]"#,
            expected: [[0.5, 45.25], [1.5, 46]],
            broken: [
                #"{"vib":0.5,"temp":45.25"#, #"{"vib":0.5,"temp":45.25}x"#, #"{"vib":0.5,"temp":45.25}}"#,
                #"{"vib":0.5,"temp":45.25,"b":tru}"#, #"{"vib":0.5,"b":"\q"}"#, #"{"vib":0.5} {"vib":0.5}"#,
                #"{"vib":0.5,"b":01}"#, "{\"vib\":0.5,\"b\":\"\u{1}\"}", "nonsense",
            ],
            withoutChannel: #"{"other":1}"#),
        ConformanceCase(
            settings: settings(.csv, "vib", "temp"),
            good: "vib,temp,other\r\n0.5,45.25,x\r\n1.5,46,\"y,z\"\r\n",
            expected: [[0.5, 45.25], [1.5, 46]],
            broken: ["vib,temp\n0.5,45.25\n\"1,2", "vib,temp\n0.5,45.25\n1,\"2\"3\n", "vib,temp\n0.5,4\n\u{1},2"],
            withoutChannel: "other,another\n1,2\n"),
        ConformanceCase(
            settings: settings(.senml, "vib", "temp"),
            good: #"[{"bt":1700000000,"n":"vib","v":0.5},{"n":"temp","v":45.25},{"n":"vib","t":1,"v":1.5},"#
                + #"{"n":"temp","t":1,"v":46}]"#,
            expected: [[0.5, 45.25], [1.5, 46]],
            broken: [
                #"[{"n":"vib","v":0.5}"#, #"[{"n":"vib","v":0.5},{"n":7,"v":1}]"#, #"{"n":"vib","v":0.5}"#,
                #"[{"n":"vib","v":0.5},{"n":"temp","v":1,"must_":1}]"#, #"[{"n":"vib","v":0.5},3]"#,
                #"[{"n":"vib","v":0.5},{"bver":11,"n":"temp","v":1}]"#, #"[{"n":"vib","v":0.5},{"t":"0"}]"#,
            ],
            withoutChannel: #"[{"n":"other","v":1}]"#),
        ConformanceCase(
            settings: settings(.influx, "vib", "temp"),
            good:
                "pump,site=a vib=0.5,temp=45.25 1700000000000000000\npump,site=a vib=1.5,temp=46i 1700000001000000000",
            expected: [[0.5, 45.25], [1.5, 46]],
            broken: [
                "pump vib=0.5\npump", "pump vib=0.5\npump vib=", "pump vib=0.5\npump vib=x", "pump vib=0.5 12x",
                "pump vib=0.5,s=\"open", "pump vib=0.5\npump,tag vib=1", "pump vib=0.5\n,a=b vib=1", "pump vib=1 2 3",
            ],
            withoutChannel: "pump other=1"),
        ConformanceCase(
            settings: settings(.number, "$"), good: " 0.5\n", expected: [[0.5]],
            broken: ["0.5x", "0.5 0.5", "x", "0x10", "1e", "--1", "+-1", "nan(1)"], withoutChannel: nil),
    ]
}

/// What holds for every codec.
@Suite struct CodecConformance {
    @Test(arguments: ConformanceCase.all)
    func readsItsFormat(_ subject: ConformanceCase) throws {
        var decoding = try Decoding(subject.settings)
        for _ in 0..<2 {
            try decoding.decode(subject.good)
            #expect(decoding.values == subject.expected)
            #expect(decoding.rows.unusableValues == 0)
        }
    }

    @Test(arguments: ConformanceCase.all)
    func appendsBehindTheRowsThatAreThere(_ subject: ConformanceCase) throws {
        var decoding = try Decoding(subject.settings)
        let payload = decoding.payload.place(Array(subject.good.utf8))
        try decoding.codec.decode(payload, into: &decoding.rows)
        try decoding.codec.decode(payload, into: &decoding.rows)
        #expect(decoding.values == subject.expected + subject.expected)
    }

    @Test(arguments: ConformanceCase.all)
    func refusesABrokenPayloadAsAWholeAndGoesOn(_ subject: ConformanceCase) throws {
        var decoding = try Decoding(subject.settings)
        for text in subject.broken {
            decoding.rows.removeAll()
            decoding.rows.appendRow(time: 7)
            let payload = decoding.payload.place(Array(text.utf8))
            #expect(throws: PayloadError.self, "\(text)") {
                try decoding.codec.decode(payload, into: &decoding.rows)
            }
            #expect(decoding.rows.count == 1 && decoding.rows.times == [7], "\(text)")
            #expect(decoding.rows.unusableValues == 0, "\(text)")
        }
        try decoding.decode(subject.good)
        #expect(decoding.values == subject.expected)
    }

    @Test(arguments: ConformanceCase.all)
    func refusesNothingAndTooMuch(_ subject: ConformanceCase) throws {
        var decoding = try Decoding(subject.settings)
        #expect(throws: PayloadError.empty) { try decoding.decode([UInt8]()) }
        #expect(throws: PayloadError.empty) {
            try decoding.codec.decode(UnsafeRawBufferPointer(start: nil, count: 0), into: &decoding.rows)
        }
        let large = [UInt8](repeating: UInt8(ascii: " "), count: maximumPayloadBytes + 1)
        #expect(throws: PayloadError.tooLarge(bytes: maximumPayloadBytes + 1)) { try decoding.decode(large) }
        #expect(throws: PayloadError.self) { try decoding.decode(Array(large.dropLast())) }
    }

    @Test(arguments: ConformanceCase.all)
    func saysThatNoChannelIsThere(_ subject: ConformanceCase) throws {
        guard let text = subject.withoutChannel else { return }
        var decoding = try Decoding(subject.settings)
        #expect(throws: PayloadError.noChannel) { try decoding.decode(text) }
    }

    @Test(arguments: ConformanceCase.all)
    func errorsEchoAtMostFortyBytes(_ subject: ConformanceCase) throws {
        var decoding = try Decoding(subject.settings)
        let secret = String(repeating: "\u{1}s3cret", count: 100)
        for text in [secret, "pump vib=" + secret, "[\"" + secret, "vib,temp\n\(secret)"] {
            let error = try #require(payloadError { () throws(PayloadError) in try decoding.decode(text) })
            #expect(error.description.utf8.count < 320, "\(error)")
            #expect(error.description.utf8.allSatisfy { $0 >= 0x20 }, "\(error)")
            #expect(error.description.hasSuffix("."))
        }
    }

    @Test(arguments: ConformanceCase.all)
    func survivesBinary(_ subject: ConformanceCase) throws {
        var decoding = try Decoding(subject.settings)
        for byte in UInt8.min...UInt8.max {
            for count in [1, 63, 64, 65, 1000] {
                _ = payloadError { () throws(PayloadError) in
                    try decoding.decode([UInt8](repeating: byte, count: count))
                }
            }
        }
        try decoding.decode(subject.good)
        #expect(decoding.values == subject.expected)
    }

    @Test(arguments: ConformanceCase.all)
    func refusesInvalidSettings(_ subject: ConformanceCase) throws {
        var settings = subject.settings
        settings.channels = []
        #expect(throws: CodecSettingsError.noChannels) { _ = try makeCodec(settings) }
        let channel = subject.settings.channels[0]
        settings.channels = [channel, channel]
        #expect(throws: CodecSettingsError.duplicateChannel(channel.name)) { _ = try makeCodec(settings) }
        settings.channels = (0..<257).map { ChannelPath(name: "\($0)", path: channel.path) }
        #expect(throws: CodecSettingsError.tooManyChannels(found: 257, limit: 256)) { _ = try makeCodec(settings) }
        if settings.kind != .json && settings.kind != .csv {
            settings.channels = [channel]
            settings.time = "$.ts"
            #expect(throws: CodecSettingsError.timeNotAllowed(settings.kind, path: "$.ts")) {
                _ = try makeCodec(settings)
            }
        }
    }
}
