/// SenML packs in JSON (RFC 8428).
///
/// A channel's path is a record's resolved name (`urn:dev:ow:10e2073a01080063:temp`), or its own `n` without the base
/// name, for packs whose base name differs from device to device. Names are concatenated, base time and base value
/// added, and times below 2²⁸ in magnitude are relative to the arrival (4.5.3). Records of one time make a row.
/// `v` and `vb` are values (true is 1). Units, sums, texts and data are ignored; a label that ends in `_` or a version
/// above 10 makes the pack unreadable, as the RFC demands.
struct SenMLCodec: PayloadCodec {
    private let reader: SenMLReader
    private let names: [[UInt8]]
    private var assembler = RowAssembler()
    private var baseName: [UInt8] = []
    private var cell: [RowAssembler.Cell] = [.init(channel: 0, value: 0)]

    init(_ settings: CodecSettings) throws(CodecSettingsError) {
        for channel in settings.channels where channel.path.isEmpty {
            throw .badPath(channel: channel.name, path: "", expected: "a record's name")
        }
        reader = try SenMLReader()
        names = settings.channels.map { Array($0.path.utf8) }
    }

    mutating func decode(_ payload: UnsafeRawBufferPointer, into rows: inout SampleRows) throws(PayloadError) {
        try Self.checkSize(payload)
        assembler.begin(rows)
        try rows.allOrNothing { rows throws(PayloadError) in try readPack(payload, into: &rows) }
    }

    private mutating func readPack(
        _ payload: UnsafeRawBufferPointer, into rows: inout SampleRows
    ) throws(PayloadError) {
        var baseTime = 0.0
        var baseValue = 0.0
        var hasRecords = false
        var hasChannel = false
        baseName.removeAll(keepingCapacity: true)
        try reader.read(payload, limit: SampleRows.maximumCount) { record throws(PayloadError) in
            hasRecords = true
            if let version = record.baseVersion, version > 10 {
                throw .badShape("SenML of version \(version), at most 10 is read")
            }
            if let name = record.baseName {
                baseName.removeAll(keepingCapacity: true)
                baseName.append(contentsOf: name)
            }
            if let time = record.baseTime { baseTime = time }
            if let value = record.baseValue { baseValue = value }
            // A record may have base fields alone, or a sum and no value.
            guard record.value != nil || record.isUnusable else { return }
            var time: Int64?
            for channel in names.indices where matches(names[channel], record.name) {
                hasChannel = true
                let value = (record.value ?? .nan) + (record.isBoolean ? 0 : baseValue)
                if !value.isFinite { rows.unusableValues += 1 }
                cell[0] = .init(channel: channel, value: value.isFinite ? value : .nan)
                if time == nil { time = try Self.rowTime(baseTime + (record.time ?? 0)) }
                try assembler.put(cell, time: time!, into: &rows)
            }
        }
        if hasRecords && !hasChannel { throw .noChannel }
    }

    private static func rowTime(_ seconds: Double) throws(PayloadError) -> Int64 {
        if seconds.magnitude < 0x1p28 { return SampleRows.relativeTime(Int64((seconds * 1e6).rounded())) }
        guard let time = TimeUnit.seconds.microseconds(seconds) else { throw .badTime("\(seconds)") }
        return time
    }

    /// Whether a record's name, with the base name or without, is the channel's.
    private func matches(_ wanted: [UInt8], _ name: UnsafeRawBufferPointer?) -> Bool {
        let own = name ?? UnsafeRawBufferPointer(start: nil, count: 0)
        return wanted.withUnsafeBytes { wanted in
            if wanted.equals(own) { return true }
            guard wanted.count == baseName.count + own.count else { return false }
            return UnsafeRawBufferPointer(rebasing: wanted[..<baseName.count]).equals(baseName)
                && UnsafeRawBufferPointer(rebasing: wanted[baseName.count...]).equals(own)
        }
    }
}
