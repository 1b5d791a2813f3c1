import Ingest
import SedgeCore
import Testing

/// A codec with rows and a guarded payload, as tests want them.
struct Decoding {
    var codec: any PayloadCodec
    var rows: SampleRows
    let payload = GuardedPayload(capacity: maximumPayloadBytes + 64)

    init(_ settings: CodecSettings) throws {
        codec = try makeCodec(settings)
        rows = SampleRows(channels: settings.channels.count)
    }

    /// Channels by their paths, named after them.
    init(_ kind: StreamCodec, _ paths: [String], time: String? = nil) throws {
        try self.init(
            CodecSettings(kind: kind, channels: paths.map { ChannelPath(name: $0, path: $0) }, time: time))
    }

    /// Decodes into emptied rows.
    mutating func decode(_ text: String) throws(PayloadError) { try decode(Array(text.utf8)) }

    mutating func decode(_ bytes: [UInt8]) throws(PayloadError) {
        try decode(placed: payload.place(bytes))
    }

    mutating func decode(placed bytes: UnsafeRawBufferPointer) throws(PayloadError) {
        rows.removeAll()
        try codec.decode(bytes, into: &rows)
    }

    /// The rows with NaN as nil.
    var values: [[Double?]] {
        (0..<rows.count).map { row in
            (0..<rows.channels).map { rows[row, $0].isNaN ? nil : rows[row, $0] }
        }
    }
}

/// What `body` throws.
func payloadError(_ body: () throws(PayloadError) -> Void) -> PayloadError? {
    do {
        try body()
        return nil
    } catch {
        return error
    }
}
