/// A name in line protocol, as it stands there: a backslash before a comma, an equals sign, a blank or a backslash
/// is no part of it.
struct InfluxName {
    let raw: UnsafeRawBufferPointer

    static func isEscapable(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "=") || byte == UInt8(ascii: " ")
            || byte == UInt8(ascii: "\\")
    }

    /// Whether `path` is this field's name, or the measurement's, a dot and this field's.
    func isNamed(_ path: [UInt8], in measurement: InfluxName) -> Bool {
        path.withUnsafeBytes { path in
            if isPrefix(of: path, from: 0) == path.count { return true }
            guard let dot = measurement.isPrefix(of: path, from: 0), dot < path.count, path[dot] == UInt8(ascii: ".")
            else { return false }
            return isPrefix(of: path, from: dot + 1) == path.count
        }
    }

    /// Where this name, without its backslashes, ends in `text`; nil if it does not stand there.
    private func isPrefix(of text: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var place = start
        var index = 0
        while index < raw.count {
            if raw[index] == UInt8(ascii: "\\"), index + 1 < raw.count, Self.isEscapable(raw[index + 1]) { index += 1 }
            guard place < text.count, text[place] == raw[index] else { return nil }
            place += 1
            index += 1
        }
        return place
    }
}

/// Reads line protocol piece by piece, in the order in which the pieces stand in a line.
struct InfluxScanner {
    private var rest: ByteCursor
    private var line = 0

    init(_ payload: UnsafeRawBufferPointer) { rest = ByteCursor(payload) }

    /// Goes to the next line that holds something; false at the end.
    mutating func beginLine() -> Bool {
        while let byte = rest.peek {
            if byte == UInt8(ascii: "#") {
                _ = rest.take(until: 0x0A)
                line += 1
            } else if ByteCursor.isBlank(byte) {
                if byte == 0x0A { line += 1 }
                rest.advance(1)
            } else {
                line += 1
                return true
            }
        }
        return false
    }

    /// The measurement; the tags are stepped over. Ends before the first field.
    mutating func measurementAndTags() throws(PayloadError) -> InfluxName {
        let measurement = name(endsAtEquals: false)
        guard !measurement.raw.isEmpty else { throw error("it begins with no measurement") }
        while rest.skip(UInt8(ascii: ",")) {
            let key = name(endsAtEquals: true)
            guard !key.raw.isEmpty, rest.skip(UInt8(ascii: "=")) else { throw error("a tag has no key or no =") }
            // An equals sign in a value should have a backslash, but many writers forget it.
            guard !name(endsAtEquals: false).raw.isEmpty else { throw error("a tag has no value") }
        }
        guard rest.skip(UInt8(ascii: " ")) else { throw error("no blank and no fields follow the measurement") }
        while rest.skip(UInt8(ascii: " ")) {}
        return measurement
    }

    mutating func fieldKey() throws(PayloadError) -> InfluxName {
        let key = name(endsAtEquals: true)
        guard !key.raw.isEmpty, rest.skip(UInt8(ascii: "=")) else { throw error("a field has no key or no =") }
        return key
    }

    /// Nil: a text, NaN or infinity.
    mutating func fieldValue() throws(PayloadError) -> Double? {
        if rest.skip(UInt8(ascii: "\"")) {
            try skipText()
            return nil
        }
        var length = 0
        while length < rest.rest.count, rest.rest[length] != UInt8(ascii: ","), !ByteCursor.isBlank(rest.rest[length]) {
            length += 1
        }
        let text = UnsafeRawBufferPointer(rebasing: rest.rest[..<length])
        rest.advance(length)
        guard let last = text.last else { throw error("a field has no value") }
        if let flag = Self.boolean(text) { return flag ? 1 : 0 }
        if last == UInt8(ascii: "i") || last == UInt8(ascii: "u") {
            let digits = UnsafeRawBufferPointer(rebasing: text.dropLast())
            if digits.allSatisfy({ ByteCursor.isDigit($0) || $0 == UInt8(ascii: "-") }),
                case .finite(let value) = NumberText.parse(digits)
            {
                return value
            }
        }
        switch NumberText.parse(text) {
        case .finite(let value): return value
        case .notFinite: return nil
        case .invalid: throw error("\"\(excerpt(text))\" is no value of a field")
        }
    }

    mutating func hasNextField() -> Bool { rest.skip(UInt8(ascii: ",")) }

    /// Microseconds; nil where the line has no time. Ends behind the line.
    mutating func timestamp(unit: TimeUnit) throws(PayloadError) -> Int64? {
        if let byte = rest.peek, !ByteCursor.isBlank(byte) {
            throw error("something other than a blank follows a field")
        }
        var text = ByteCursor(rest.take(until: 0x0A))
        text.trim()
        if text.isAtEnd { return nil }
        guard let value = text.wholeInteger(), let time = unit.microseconds(value) else {
            throw .badTime(excerpt(text.rest))
        }
        return time
    }

    /// The bytes before the next comma, blank or (of a key) equals sign that has no backslash.
    private mutating func name(endsAtEquals: Bool) -> InfluxName {
        let bytes = rest.rest
        var length = 0
        while length < bytes.count {
            let byte = bytes[length]
            if byte == UInt8(ascii: "\\"), length + 1 < bytes.count, InfluxName.isEscapable(bytes[length + 1]) {
                length += 2
                continue
            }
            if byte == UInt8(ascii: ",") || ByteCursor.isBlank(byte) || (endsAtEquals && byte == UInt8(ascii: "=")) {
                break
            }
            length += 1
        }
        rest.advance(length)
        return InfluxName(raw: UnsafeRawBufferPointer(rebasing: bytes[..<length]))
    }

    /// Behind the quote that opens a text: to behind the one that closes it. Line ends are part of a text.
    private mutating func skipText() throws(PayloadError) {
        while let byte = rest.next() {
            if byte == UInt8(ascii: "\"") { return }
            if byte == UInt8(ascii: "\\") { _ = rest.next() }
        }
        throw error("a text has no closing quote")
    }

    private static func boolean(_ text: UnsafeRawBufferPointer) -> Bool? {
        func isOne(of words: StaticString...) -> Bool {
            words.contains { text.equals(UnsafeRawBufferPointer(start: $0.utf8Start, count: $0.utf8CodeUnitCount)) }
        }
        switch text[0] | 0x20 {
        case UInt8(ascii: "t"): return isOne(of: "t", "T", "true", "True", "TRUE") ? true : nil
        case UInt8(ascii: "f"): return isOne(of: "f", "F", "false", "False", "FALSE") ? false : nil
        default: return nil
        }
    }

    private func error(_ reason: String) -> PayloadError { .badLine(line, reason) }
}
