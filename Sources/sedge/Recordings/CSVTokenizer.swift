/// Splits comma-separated values into records (RFC 4180, any separator, LF or CRLF or CR).
///
/// A record's fields are ranges of the bytes; only a field with doubled quotes needs a copy.
struct CSVTokenizer {
    let bytes: [UInt8]
    let separator: UInt8
    /// The line of the record that `next` gave last, from 1. A quoted field may hold line breaks.
    private(set) var line = 0
    private var position: Int
    private var nextLine = 1

    /// One field: where it stands without its quotes, and whether quotes in it are doubled.
    struct Field: Equatable {
        var range: Range<Int>
        var hasDoubledQuotes = false
    }

    private static let quote = UInt8(ascii: "\"")
    private static let newline = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    /// Begins behind a byte order mark.
    init(_ bytes: [UInt8], separator: UInt8) {
        self.bytes = bytes
        self.separator = separator
        position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// The separator that the first line has most of, outside quotes: `,`, `;` or tab.
    static func separator(of bytes: [UInt8]) -> UInt8 {
        var counts: [UInt8: Int] = [:]
        var isQuoted = false
        for byte in bytes {
            if byte == quote { isQuoted.toggle() }
            if isQuoted { continue }
            if byte == newline || byte == carriageReturn { break }
            counts[byte, default: 0] += 1
        }
        let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]
        // max(by:) takes the first of equals; a comma wins a tie, which is the case of no separator at all.
        return candidates.max { counts[$0, default: 0] < counts[$1, default: 0] } ?? UInt8(ascii: ",")
    }

    /// Replaces `fields` by the next record's; false at the end. Empty lines are passed over.
    mutating func next(_ fields: inout [Field]) throws(CSVSyntaxError) -> Bool {
        fields.removeAll(keepingCapacity: true)
        while position < bytes.count, skipLineBreak() {}
        guard position < bytes.count else { return false }
        line = nextLine
        while true {
            fields.append(try field())
            guard position < bytes.count else { return true }
            if bytes[position] == separator {
                position += 1
                continue
            }
            _ = skipLineBreak()
            return true
        }
    }

    func text(_ field: Field) -> String {
        guard field.hasDoubledQuotes else { return String(decoding: bytes[field.range], as: UTF8.self) }
        var copy: [UInt8] = []
        var isSecond = false
        for byte in bytes[field.range] {
            if byte == Self.quote, !isSecond {
                isSecond = true
                continue
            }
            isSecond = false
            copy.append(byte)
        }
        return String(decoding: copy, as: UTF8.self)
    }

    private mutating func field() throws(CSVSyntaxError) -> Field {
        guard position < bytes.count, bytes[position] == Self.quote else {
            let start = position
            while position < bytes.count, bytes[position] != separator, bytes[position] != Self.newline,
                bytes[position] != Self.carriageReturn
            {
                position += 1
            }
            return Field(range: start..<position)
        }
        position += 1
        let start = position
        var doubled = false
        while position < bytes.count {
            if bytes[position] == Self.newline { nextLine += 1 }
            guard bytes[position] == Self.quote else {
                position += 1
                continue
            }
            if position + 1 < bytes.count, bytes[position + 1] == Self.quote {
                doubled = true
                position += 2
                continue
            }
            let end = position
            position += 1
            guard
                position == bytes.count || bytes[position] == separator || bytes[position] == Self.newline
                    || bytes[position] == Self.carriageReturn
            else { throw .textBehindQuote }
            return Field(range: start..<end, hasDoubledQuotes: doubled)
        }
        throw .openQuote
    }

    /// One of LF, CRLF, CR.
    private mutating func skipLineBreak() -> Bool {
        switch bytes[position] {
        case Self.newline:
            position += 1
        case Self.carriageReturn:
            position += 1
            if position < bytes.count, bytes[position] == Self.newline { position += 1 }
        default: return false
        }
        nextLine += 1
        return true
    }
}

/// Quotes that do not fit.
enum CSVSyntaxError: Error, Equatable {
    case openQuote
    case textBehindQuote

    var message: String {
        switch self {
        case .openQuote: "a quoted field is never closed, expected \""
        case .textBehindQuote: "found text behind a closing quote, expected a separator or the end of the line"
        }
    }
}
