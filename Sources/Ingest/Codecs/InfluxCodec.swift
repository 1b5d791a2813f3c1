/// InfluxDB line protocol: `measurement,tag=x field=1.5,other=2i 1700000000000000000`, several lines a payload.
///
/// A channel's path is `field` or `measurement.field`. Tags are checked and not used: lines that differ in their tags
/// alone are taken for the same series. Lines of one time make a row. The time is in the unit of the settings, by
/// magnitude if that is `auto` (the protocol's own default is nanoseconds). Values: floats, integers (`1i`, `1u`) and
/// booleans (`t`, `f`, `true`, …); a field that is a text is counted and missing. A line that can not be read makes
/// the payload unreadable. Lines that begin with `#` are comments.
struct InfluxCodec: PayloadCodec {
    private let paths: [[UInt8]]
    private let unit: TimeUnit
    private var assembler = RowAssembler()
    private var cells: [RowAssembler.Cell] = []

    init(_ settings: CodecSettings) throws(CodecSettingsError) {
        for channel in settings.channels where channel.path.isEmpty {
            throw .badPath(channel: channel.name, path: "", expected: "field or measurement.field")
        }
        paths = settings.channels.map { Array($0.path.utf8) }
        unit = settings.timeUnit
        cells.reserveCapacity(paths.count)
    }

    mutating func decode(_ payload: UnsafeRawBufferPointer, into rows: inout SampleRows) throws(PayloadError) {
        try Self.checkSize(payload)
        assembler.begin(rows)
        try rows.allOrNothing { rows throws(PayloadError) in
            let first = rows.count
            try readLines(payload, into: &rows)
            if rows.count == first { throw .noChannel }
        }
    }

    private mutating func readLines(
        _ payload: UnsafeRawBufferPointer, into rows: inout SampleRows
    ) throws(PayloadError) {
        var scanner = InfluxScanner(payload)
        while scanner.beginLine() {
            let measurement = try scanner.measurementAndTags()
            cells.removeAll(keepingCapacity: true)
            repeat {
                let key = try scanner.fieldKey()
                let value = try scanner.fieldValue()
                for channel in paths.indices where key.isNamed(paths[channel], in: measurement) {
                    if value == nil { rows.unusableValues += 1 }
                    cells.append(.init(channel: channel, value: value ?? .nan))
                }
            } while scanner.hasNextField()
            let time = try scanner.timestamp(unit: unit)
            if !cells.isEmpty { try assembler.put(cells, time: time ?? SampleRows.absentTime, into: &rows) }
        }
    }
}
