/// A payload that is one number and nothing else: `23.5`. Blanks around it do not matter.
///
/// NaN and infinity are a missing value, and counted.
struct NumberCodec: PayloadCodec {
    init(_ settings: CodecSettings) throws(CodecSettingsError) {
        let channel = settings.channels[0]
        guard settings.channels.count == 1 else {
            throw .tooManyChannels(found: settings.channels.count, limit: 1)
        }
        guard channel.path.isEmpty || channel.path == "$" else {
            throw .badPath(channel: channel.name, path: channel.path, expected: "$, since the payload is the value")
        }
    }

    mutating func decode(_ payload: UnsafeRawBufferPointer, into rows: inout SampleRows) throws(PayloadError) {
        try Self.checkSize(payload)
        var text = ByteCursor(payload)
        text.trim()
        guard !text.isAtEnd else { throw .empty }
        guard rows.room > 0 else { throw .tooManyRows(limit: rows.count) }
        switch NumberText.parse(text.rest) {
        case .finite(let value):
            rows.appendRow()
            rows[rows.count - 1, 0] = value
        case .notFinite:
            rows.appendRow()
            rows.unusableValues += 1
        case .invalid: throw .notANumber(excerpt(text.rest))
        }
    }
}
