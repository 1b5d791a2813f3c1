/// A field of a CSV line: what stands between the separators, or between its quotes.
struct CSVField {
    /// Without the quotes, but with quotes inside it still doubled.
    let bytes: UnsafeRawBufferPointer
    let isQuoted: Bool
    /// Whether the line, or the payload, ends behind it.
    let isLast: Bool

    /// The field as text; for names, since it allocates.
    var unescaped: [UInt8] {
        guard isQuoted else { return Array(bytes) }
        var text: [UInt8] = []
        for byte in bytes where byte != UInt8(ascii: "\"") || text.last != byte { text.append(byte) }
        return text
    }
}

/// Reads CSV (RFC 4180) field by field, with whichever of tab, `;` and `,` the first line has, in this order.
struct CSVScanner {
    private(set) var rest: ByteCursor
    /// Counted from 1; that of the field read last.
    private(set) var line = 1
    let separator: UInt8

    init(_ payload: UnsafeRawBufferPointer) {
        rest = ByteCursor(payload)
        var isQuoted = false
        var hasTab = false
        var hasSemicolon = false
        for byte in payload {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if isQuoted { continue }
            if byte == 0x0A { break }
            hasTab = hasTab || byte == 0x09
            hasSemicolon = hasSemicolon || byte == UInt8(ascii: ";")
        }
        separator = hasTab ? 0x09 : hasSemicolon ? UInt8(ascii: ";") : UInt8(ascii: ",")
    }

    /// Goes to the next line that holds something; false at the end.
    mutating func beginLine() -> Bool {
        while let byte = rest.peek, byte == 0x0A || byte == 0x0D {
            if byte == 0x0A { line += 1 }
            rest.advance(1)
        }
        return !rest.isAtEnd
    }

    /// The next field of the line, blanks taken off.
    mutating func field() throws(PayloadError) -> CSVField {
        while let byte = rest.peek, byte == 0x20 || (byte == 0x09 && separator != 0x09) { rest.advance(1) }
        if rest.skip(UInt8(ascii: "\"")) { return try quotedField() }
        let bytes = rest.rest
        var length = 0
        while length < bytes.count, bytes[length] != separator, bytes[length] != 0x0A {
            // Binary data is no table; better to say so than to look for numbers in it.
            if bytes[length] < 0x20, bytes[length] != 0x0D, bytes[length] != 0x09 {
                throw error("there is a control character in it")
            }
            length += 1
        }
        var text = ByteCursor(UnsafeRawBufferPointer(rebasing: bytes[..<length]))
        text.trim()
        return CSVField(bytes: text.rest, isQuoted: false, isLast: endField(at: length))
    }

    private mutating func quotedField() throws(PayloadError) -> CSVField {
        let bytes = rest.rest
        var length = 0
        while true {
            guard length < bytes.count else { throw error("a quote is not closed") }
            if bytes[length] == UInt8(ascii: "\"") {
                guard length + 1 < bytes.count, bytes[length + 1] == UInt8(ascii: "\"") else { break }
                length += 1
            }
            length += 1
        }
        var end = length + 1
        while end < bytes.count, bytes[end] != separator, bytes[end] != 0x0A {
            guard ByteCursor.isBlank(bytes[end]) else { throw error("text follows a closing quote") }
            end += 1
        }
        let text = UnsafeRawBufferPointer(rebasing: bytes[..<length])
        return CSVField(bytes: text, isQuoted: true, isLast: endField(at: end))
    }

    /// Steps behind what ends a field; whether that ends the line.
    private mutating func endField(at length: Int) -> Bool {
        let isSeparator = length < rest.rest.count && rest.rest[length] == separator
        // The line end stays, so that `line` counts the line of the field and not the one behind it.
        rest.advance(isSeparator ? length + 1 : length)
        return !isSeparator
    }

    func error(_ reason: String) -> PayloadError { .badLine(line, reason) }
}
