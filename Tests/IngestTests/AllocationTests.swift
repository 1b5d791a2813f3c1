import CAllocations
import Ingest
import SedgeCore
import Testing

/// Decoding allocates nothing after warm-up.
@Suite struct AllocationTests {
    static let payloads: [StreamCodec: (paths: [String], time: String?, text: String)] = [
        .json: (
            ["$.vib", "$.temp", "$.cur"], "$.ts", #"{"ts":1700000000000,"vib":0.123,"temp":45.6,"cur":1.2}"#
        ),
        .csv: (["vib", "temp", "cur"], "ts", "ts,vib,temp,cur\n1700000000000,0.123,45.6,1.2\n"),
        .senml: (
            ["vib", "temp", "cur"], nil,
            #"[{"bn":"p:","bt":1700000000,"n":"vib","v":0.123},{"n":"temp","v":45.6},{"n":"cur","v":1.2}]"#
        ),
        .influx: (["vib", "temp", "cur"], nil, "pump,site=a vib=0.123,temp=45.6,cur=1.2 1700000000000000000"),
        .number: (["$"], nil, "45.6"),
    ]

    /// Unoptimised Swift allocates in unspecialised generic code of the standard library, whatever the codecs do.
    static let isOptimized: Bool = {
        #if DEBUG
            false
        #else
            true
        #endif
    }()

    @Test(
        .enabled(if: isOptimized, "only an optimised build shows it: swift test -c release"),
        arguments: StreamCodec.allCases)
    func decodingAllocatesNothing(kind: StreamCodec) throws {
        let subject = try #require(Self.payloads[kind])
        let settings = CodecSettings(
            kind: kind, channels: subject.paths.map { ChannelPath(name: $0, path: $0) }, time: subject.time)
        let bytes = Array(subject.text.utf8)
        var decoding = try Decoding(settings)
        let payload = decoding.payload.place(bytes)
        for _ in 0..<3 { try decoding.decode(placed: payload) }
        let before = allocations_of_this_thread()
        try decoding.decode(placed: payload)
        #expect(allocations_of_this_thread() - before == 0)
    }

    @Test(.enabled(if: isOptimized, "only an optimised build shows it: swift test -c release"))
    func lookingUpAKnownTopicAllocatesNothing() throws {
        let pattern = try StreamPattern("plant/{stream}/sensors")
        var table = StreamTable(patterns: [pattern])
        let known = Array("plant/pump/sensors".utf8)
        let other = Array("elsewhere/pump/sensors".utf8)
        _ = known.withUnsafeBytes { table.lookup(topic: $0) }
        let before = allocations_of_this_thread()
        _ = known.withUnsafeBytes { table.lookup(topic: $0) }
        _ = other.withUnsafeBytes { table.lookup(topic: $0) }
        #expect(allocations_of_this_thread() - before == 0)
    }
}
