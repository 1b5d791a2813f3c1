/// Reads one JSON document (RFC 8259) strictly: bounded depth, no key twice, nothing after it but spaces.
package struct JSONParser {
    /// Where a document is not JSON.
    package struct Failure: Error {
        package let offset: Int
        /// Keys of the objects around the place, outermost first.
        package let path: [String]
        package let found: String
        package let expected: String
    }

    package static let maximumDepth = 16

    private let bytes: ArraySlice<UInt8>
    private var position: Int
    private var path: [String] = []

    private init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    package static func parse(_ bytes: ArraySlice<UInt8>) throws(Failure) -> JSONDocument {
        var parser = JSONParser(bytes)
        let value = try parser.value(depth: 0)
        parser.skipSpaces()
        guard parser.position == bytes.endIndex else { throw parser.failure("the end") }
        return value
    }

    private func failure(_ expected: String) -> Failure {
        let found =
            switch peek {
            case nil: "the end"
            case let byte? where (0x20..<0x7F).contains(byte): "'\(Character(Unicode.Scalar(byte)))'"
            case let byte?: "byte \(byte)"
            }
        return failure(at: position, found: found, expected)
    }

    private func failure(at position: Int, found: String, _ expected: String) -> Failure {
        Failure(offset: position - bytes.startIndex, path: path, found: found, expected: expected)
    }

    private var peek: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

    private mutating func skipSpaces() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    /// Takes the byte if it is the next one.
    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: scalar) else { return false }
        position += 1
        return true
    }

    private mutating func require(_ scalar: Unicode.Scalar) throws(Failure) {
        skipSpaces()
        guard take(scalar) else { throw failure("'\(scalar)'") }
    }

    private mutating func value(depth: Int) throws(Failure) -> JSONDocument {
        skipSpaces()
        switch peek {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSONDocument) throws(Failure) -> JSONDocument {
        for index in 0..<word.utf8CodeUnitCount {
            guard peek == word.utf8Start[index] else { throw failure("\(word)") }
            position += 1
        }
        return value
    }

    private mutating func object(depth: Int) throws(Failure) -> JSONDocument {
        guard depth < Self.maximumDepth else { throw failure("at most \(Self.maximumDepth) levels") }
        try require("{")
        var members: [String: JSONDocument] = [:]
        skipSpaces()
        if take("}") { return .object(members) }
        repeat {
            skipSpaces()
            let start = position
            let key = try string()
            path.append(key)
            try require(":")
            guard members.updateValue(try value(depth: depth + 1), forKey: key) == nil else {
                throw failure(at: start, found: "key \"\(key)\" again", "each key once")
            }
            // Left as it is by a failure: it says where.
            path.removeLast()
            skipSpaces()
        } while take(",")
        guard take("}") else { throw failure("',' or '}'") }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(Failure) -> JSONDocument {
        guard depth < Self.maximumDepth else { throw failure("at most \(Self.maximumDepth) levels") }
        try require("[")
        var items: [JSONDocument] = []
        skipSpaces()
        if take("]") { return .array(items) }
        repeat {
            items.append(try value(depth: depth + 1))
            skipSpaces()
        } while take(",")
        guard take("]") else { throw failure("',' or ']'") }
        return .array(items)
    }

    private mutating func number() throws(Failure) -> String {
        let start = position
        _ = take("-")
        if !take("0") { try digits() }
        if take(".") { try digits() }
        if take("e") || take("E") {
            if !take("-") { _ = take("+") }
            try digits()
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func digits() throws(Failure) {
        guard let first = peek, (0x30...0x39).contains(first) else { throw failure("a value") }
        while let byte = peek, (0x30...0x39).contains(byte) { position += 1 }
    }

    private mutating func string() throws(Failure) -> String {
        guard take("\"") else { throw failure("a string") }
        let start = position
        var text: [UInt8] = []
        while let byte = peek, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw failure("no control character in a string") }
            if byte == UInt8(ascii: "\\") {
                try escape(into: &text)
            } else {
                text.append(byte)
                position += 1
            }
        }
        guard take("\"") else { throw failure("the end of the string") }
        guard let string = String(validating: text, as: UTF8.self) else {
            throw failure(at: start, found: "bytes that are not UTF-8", "UTF-8")
        }
        return string
    }

    private mutating func escape(into text: inout [UInt8]) throws(Failure) {
        position += 1
        guard let byte = peek else { throw failure("an escape") }
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            position += 1
            text.append(contentsOf: String(Character(try unicodeEscape())).utf8)
            return
        default: throw failure("an escape")
        }
        position += 1
    }

    /// After `\u`: one unit, or a surrogate pair.
    private mutating func unicodeEscape() throws(Failure) -> Unicode.Scalar {
        let first = try hexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, take("\\"), take("u") else { throw failure("the second half of a surrogate pair") }
        let second = try hexadecimal()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw failure("the second half of a surrogate pair") }
        return scalar
    }

    private mutating func hexadecimal() throws(Failure) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw failure("a hexadecimal digit")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
