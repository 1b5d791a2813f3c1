/// What the header of an NPY file says: `{'descr': '<f4', 'fortran_order': False, 'shape': (480, 52), }`.
///
/// A Python literal of exactly these three keys, in any order, as NumPy's format document has it (versions 1 to 3).
struct NPYHeader: Equatable {
    var type: NPYType
    var isFortranOrder: Bool
    var shape: [Int]

    /// Throws a sentence.
    init(parsing text: String) throws(NPYHeaderError) {
        var scanner = Scanner(bytes: Array(text.utf8))
        var type: NPYType?
        var order: Bool?
        var shape: [Int]?
        try scanner.expect("{")
        while !scanner.skip("}") {
            let key = try scanner.string()
            try scanner.expect(":")
            switch key {
            case "descr":
                let name = try scanner.string()
                guard let known = NPYType(rawValue: name) else {
                    throw NPYHeaderError("found type '\(name.prefix(20))', expected <f4, <f8 or |u1")
                }
                type = known
            case "fortran_order": order = try scanner.boolean()
            case "shape": shape = try scanner.tuple()
            default: throw NPYHeaderError("found key '\(key.prefix(20))', expected descr, fortran_order, shape")
            }
            if scanner.skip(",") { continue }
            try scanner.expect("}")
            break
        }
        guard scanner.isAtEnd else { throw NPYHeaderError("found more behind the closing brace") }
        guard let type, let order, let shape else {
            throw NPYHeaderError("found not all of descr, fortran_order, shape")
        }
        (self.type, isFortranOrder, self.shape) = (type, order, shape)
    }

    /// Reads Python literals; blanks may stand anywhere.
    private struct Scanner {
        let bytes: [UInt8]
        var position = 0

        var isAtEnd: Bool {
            mutating get {
                skipBlanks()
                return position == bytes.count
            }
        }

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            skipBlanks()
            guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
            position += 1
            return true
        }

        mutating func expect(_ character: Unicode.Scalar) throws(NPYHeaderError) {
            guard skip(character) else { throw NPYHeaderError("the header is damaged: expected \(character)") }
        }

        mutating func string() throws(NPYHeaderError) -> String {
            let quote: Unicode.Scalar = skip("\"") ? "\"" : "'"
            if quote == "'" { try expect("'") }
            let start = position
            while position < bytes.count, bytes[position] != UInt8(ascii: quote) { position += 1 }
            guard position < bytes.count else { throw NPYHeaderError("the header is damaged: expected \(quote)") }
            position += 1
            return String(decoding: bytes[start..<position - 1], as: UTF8.self)
        }

        mutating func boolean() throws(NPYHeaderError) -> Bool {
            skipBlanks()
            for (word, value) in [("True", true), ("False", false)] where bytes[position...].starts(with: word.utf8) {
                position += word.utf8.count
                return value
            }
            throw NPYHeaderError("the header is damaged: expected True or False")
        }

        mutating func tuple() throws(NPYHeaderError) -> [Int] {
            try expect("(")
            var values: [Int] = []
            while !skip(")") {
                skipBlanks()
                let digits = bytes[position...].prefix { (48...57).contains($0) }
                guard let value = Int(String(decoding: digits, as: UTF8.self)) else {
                    throw NPYHeaderError("the header is damaged: expected a size in shape")
                }
                position += digits.count
                values.append(value)
                if skip(",") { continue }
                try expect(")")
                break
            }
            return values
        }

        private mutating func skipBlanks() {
            while position < bytes.count, bytes[position] == 32 || bytes[position] == 10 { position += 1 }
        }
    }
}

/// The element types that recordings have, as NumPy names them.
enum NPYType: String {
    case float32 = "<f4"
    case float64 = "<f8"
    case uint8 = "|u1"

    /// Bytes of an element.
    var size: Int {
        switch self {
        case .float32: 4
        case .float64: 8
        case .uint8: 1
        }
    }

    /// The element at a byte offset; files are little-endian.
    func value(in buffer: UnsafeRawBufferPointer, at offset: Int) -> Double {
        switch self {
        case .float32:
            Double(
                Float(bitPattern: UInt32(littleEndian: buffer.loadUnaligned(fromByteOffset: offset, as: UInt32.self))))
        case .float64:
            Double(bitPattern: UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
        case .uint8: Double(buffer[offset])
        }
    }
}

/// A header that can not be used; says what was found and what was expected.
struct NPYHeaderError: Error, Equatable {
    let message: String
    init(_ message: String) { self.message = message }
}
