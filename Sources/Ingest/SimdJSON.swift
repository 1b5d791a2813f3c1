import CSimdJSON

// The one file that touches simdjson's shim.

/// A text read as a number.
enum NumberText {
    case finite(Double)
    case notFinite
    case invalid

    /// The whole text, in any of the ways that C prints numbers; see `sedge_number_parse`.
    static func parse(_ text: UnsafeRawBufferPointer) -> NumberText {
        guard let start = text.baseAddress else { return .invalid }
        var value = 0.0
        return switch sedge_number_parse(start.assumingMemoryBound(to: UInt8.self), text.count, &value) {
        case SEDGE_NUMBER_OK: .finite(value)
        case SEDGE_NUMBER_NOT_FINITE: .notFinite
        default: .invalid
        }
    }
}

/// Reads the values of fixed paths out of JSON payloads. A scratch buffer with an owner: not to be shared by threads.
final class JSONExtractor {
    private let handle: OpaquePointer
    private let channels: Int

    init(_ settings: CodecSettings) throws(CodecSettingsError) {
        channels = settings.channels.count
        var error = sedge_json_path_error()
        let paths = CStrings(settings.channels.map(\.path))
        let time = CStrings(settings.time.map { [$0] } ?? [])
        let found = sedge_json_extractor_new(paths.pointers, channels, time.pointers.first ?? nil, &error)
        guard let found else {
            guard let text = error.expected else { throw .outOfMemory }
            let expected = "\(String(cString: text)) at byte \(error.offset)"
            if error.path == channels { throw .badTimePath(settings.time ?? "", expected: expected) }
            let channel = settings.channels[error.path]
            throw .badPath(channel: channel.name, path: channel.path, expected: expected)
        }
        handle = found
    }

    deinit { sedge_json_extractor_free(handle) }

    func extract(
        _ payload: UnsafeRawBufferPointer, unit: TimeUnit, into rows: inout SampleRows
    ) throws(PayloadError) {
        guard let start = payload.baseAddress else { throw .empty }
        var result = sedge_json_result()
        let status = sedge_json_extract(
            handle, start.assumingMemoryBound(to: UInt8.self), payload.count, rows.room, &result)
        try check(status, payload, message: result.message, room: rows.room)
        let before = rows.count
        let values = UnsafeBufferPointer(start: result.values, count: result.rows * channels)
        let times = UnsafeBufferPointer(start: result.times, count: result.rows)
        rows.append(times: repeatElement(SampleRows.absentTime, count: result.rows), values: values)
        for (row, time) in times.enumerated() where time.kind != SEDGE_JSON_TIME_ABSENT {
            guard let microseconds = Self.microseconds(time, unit) else {
                rows.truncate(to: before)
                throw .badTime(Self.describe(time))
            }
            rows.setTime(microseconds, of: before + row)
        }
        rows.unusableValues += result.unusable
    }

    private static func microseconds(_ time: sedge_json_time, _ unit: TimeUnit) -> Int64? {
        switch time.kind {
        case SEDGE_JSON_TIME_INTEGER: unit.microseconds(time.integer)
        case SEDGE_JSON_TIME_REAL: unit.microseconds(time.real)
        case SEDGE_JSON_TIME_TEXT:
            TimeText.parse(UnsafeRawBufferPointer(start: time.text, count: time.length), unit: unit)
        default: nil
        }
    }

    private static func describe(_ time: sedge_json_time) -> String {
        switch time.kind {
        case SEDGE_JSON_TIME_INTEGER: "\(time.integer)"
        case SEDGE_JSON_TIME_REAL: "\(time.real)"
        case SEDGE_JSON_TIME_TEXT: excerpt(UnsafeRawBufferPointer(start: time.text, count: time.length))
        default: "neither a number nor a text"
        }
    }
}

/// A record of a SenML pack as it stands there; the names live until the reader's next call.
struct SenMLRecord {
    var baseName: UnsafeRawBufferPointer?
    var baseTime: Double?
    var baseValue: Double?
    var baseVersion: Double?
    var name: UnsafeRawBufferPointer?
    var time: Double?
    var value: Double?
    /// Whether the value was `vb`.
    var isBoolean: Bool
    var isUnusable: Bool
}

/// Reads SenML packs. A scratch buffer with an owner: not to be shared by threads.
final class SenMLReader {
    private let handle: OpaquePointer

    init() throws(CodecSettingsError) {
        guard let found = sedge_senml_reader_new() else { throw .outOfMemory }
        handle = found
    }

    deinit { sedge_senml_reader_free(handle) }

    func read(
        _ payload: UnsafeRawBufferPointer, limit: Int, body: (SenMLRecord) throws(PayloadError) -> Void
    ) throws(PayloadError) {
        guard let start = payload.baseAddress else { throw .empty }
        var records: UnsafePointer<sedge_senml_record>?
        var count = 0
        var message: UnsafePointer<CChar>?
        let status = sedge_senml_read(
            handle, start.assumingMemoryBound(to: UInt8.self), payload.count, limit, &records, &count, &message)
        try check(status, payload, message: message, room: limit)
        for record in UnsafeBufferPointer(start: records, count: count) { try body(SenMLRecord(record)) }
    }
}

extension SenMLRecord {
    fileprivate init(_ record: sedge_senml_record) {
        func has(_ member: Int) -> Bool { record.members & UInt32(member) != 0 }
        baseName =
            has(SEDGE_SENML_BASE_NAME)
            ? UnsafeRawBufferPointer(start: record.base_name, count: record.base_name_length) : nil
        baseTime = has(SEDGE_SENML_BASE_TIME) ? record.base_time : nil
        baseValue = has(SEDGE_SENML_BASE_VALUE) ? record.base_value : nil
        baseVersion = has(SEDGE_SENML_BASE_VERSION) ? record.base_version : nil
        name = has(SEDGE_SENML_NAME) ? UnsafeRawBufferPointer(start: record.name, count: record.name_length) : nil
        time = has(SEDGE_SENML_TIME) ? record.time : nil
        value = has(SEDGE_SENML_VALUE) ? record.value : nil
        isBoolean = has(SEDGE_SENML_BOOLEAN)
        isUnusable = has(SEDGE_SENML_UNUSABLE)
    }
}

private func check(
    _ status: sedge_json_status, _ payload: UnsafeRawBufferPointer, message: UnsafePointer<CChar>?, room: Int
) throws(PayloadError) {
    switch status {
    case SEDGE_JSON_OK: return
    case SEDGE_JSON_EMPTY: throw .empty
    case SEDGE_JSON_TOO_LARGE: throw .tooLarge(bytes: payload.count)
    case SEDGE_JSON_TOO_DEEP: throw .tooDeep
    case SEDGE_JSON_INVALID:
        throw .notJSON("\(message.map { String(cString: $0) } ?? "unknown") (it begins with \"\(excerpt(payload))\")")
    case SEDGE_JSON_UNEXPECTED: throw .badShape(message.map { String(cString: $0) } ?? "unknown")
    case SEDGE_JSON_TOO_MANY_ROWS: throw .tooManyRows(limit: room)
    case SEDGE_JSON_NO_CHANNEL: throw .noChannel
    default: throw .outOfMemory
    }
}

/// Texts as C wants them, for one call.
private final class CStrings {
    let pointers: [UnsafePointer<CChar>?]

    init(_ texts: [String]) {
        pointers = texts.map { text in
            let bytes = Array(text.utf8CString)
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
            copy.initialize(from: bytes, count: bytes.count)
            return UnsafePointer(copy)
        }
    }

    deinit { for pointer in pointers { pointer?.deallocate() } }
}
