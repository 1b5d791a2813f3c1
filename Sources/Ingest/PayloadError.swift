/// Why a payload could not be read. Texts hold at most 40 bytes of the payload, escaped.
package enum PayloadError: Error, Equatable, Sendable {
    case empty
    case tooLarge(bytes: Int)
    case notJSON(String)
    /// JSON, but not of the shape its format demands.
    case badShape(String)
    case tooDeep
    case tooManyRows(limit: Int)
    /// None of the configured channels was there.
    case noChannel
    case badTime(String)
    /// A line of a text format; counted from 1.
    case badLine(Int, String)
    case notANumber(String)
    case outOfMemory
}

extension PayloadError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .empty: "The payload is empty."
        case .tooLarge(let bytes): "The payload has \(bytes) bytes, at most \(maximumPayloadBytes) are read."
        case .notJSON(let what): "The payload is not JSON: \(what)."
        case .badShape(let what): "The payload has the wrong shape: \(what)."
        case .tooDeep: "The payload is nested too deeply, at most 32 levels are read."
        case .tooManyRows(let limit): "The payload holds more than \(limit) samples."
        case .noChannel: "The payload holds none of the configured channels."
        case .badTime(let text):
            "The payload's time is \"\(text)\", expected unix seconds, milliseconds or an ISO 8601 date and time."
        case .badLine(let line, let reason): "Line \(line) of the payload can not be read: \(reason)."
        case .notANumber(let text): "The payload is \"\(text)\", expected a number."
        case .outOfMemory: "There was not enough memory to read the payload."
        }
    }

    /// What to count the error under; dense from 0.
    package enum Reason: Int, CaseIterable, Sendable {
        case empty, tooLarge, syntax, tooDeep, tooManyRows, noChannel, badTime, outOfMemory
    }

    package var reason: Reason {
        switch self {
        case .empty: .empty
        case .tooLarge: .tooLarge
        case .notJSON, .badShape, .badLine, .notANumber: .syntax
        case .tooDeep: .tooDeep
        case .tooManyRows: .tooManyRows
        case .noChannel: .noChannel
        case .badTime: .badTime
        case .outOfMemory: .outOfMemory
        }
    }
}

/// At most 40 bytes of a payload for an error: printable ASCII as it is, all else as `\xNN`.
func excerpt(_ bytes: UnsafeRawBufferPointer) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes.prefix(40) {
        if (0x20..<0x7F).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") {
            text.append(byte)
        } else {
            text += [UInt8(ascii: "\\"), UInt8(ascii: "x"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }
    return String(decoding: text, as: UTF8.self) + (bytes.count > 40 ? "…" : "")
}
