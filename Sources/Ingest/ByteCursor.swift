/// A place in a run of bytes, moved forward by what is read. Never reads past the end; allocates nothing.
struct ByteCursor {
    private(set) var rest: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }
    var peek: UInt8? { rest.first }
    var isAtDigit: Bool { rest.first.map(Self.isDigit) ?? false }

    static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }

    mutating func next() -> UInt8? {
        guard let byte = rest.first else { return nil }
        advance(1)
        return byte
    }

    mutating func advance(_ count: Int) { rest = UnsafeRawBufferPointer(rebasing: rest[count...]) }

    /// Steps over `byte` if it is the next one.
    mutating func skip(_ byte: UInt8) -> Bool {
        guard rest.first == byte else { return false }
        advance(1)
        return true
    }

    /// Takes blanks, tabs and line ends off both ends.
    mutating func trim() {
        var start = 0
        var end = rest.count
        while start < end, Self.isBlank(rest[start]) { start += 1 }
        while end > start, Self.isBlank(rest[end - 1]) { end -= 1 }
        rest = UnsafeRawBufferPointer(rebasing: rest[start..<end])
    }

    /// The bytes before the next `byte`, or all that is left; the place then is behind it.
    mutating func take(until byte: UInt8) -> UnsafeRawBufferPointer {
        var length = 0
        while length < rest.count, rest[length] != byte { length += 1 }
        let taken = UnsafeRawBufferPointer(rebasing: rest[..<length])
        advance(min(length + 1, rest.count))
        return taken
    }

    /// Exactly so many digits.
    mutating func digits(_ count: Int) -> Int? {
        guard rest.count >= count else { return nil }
        var value = 0
        for place in 0..<count {
            guard Self.isDigit(rest[place]) else { return nil }
            value = value * 10 + Int(rest[place] &- UInt8(ascii: "0"))
        }
        advance(count)
        return value
    }

    /// One digit or more, of which the first `places` count: "5" with 6 places is 500000.
    mutating func fraction(places: Int) -> Int? {
        guard isAtDigit else { return nil }
        var value = 0
        var place = 0
        while let byte = rest.first, Self.isDigit(byte) {
            if place < places { value = value * 10 + Int(byte &- UInt8(ascii: "0")) }
            place += 1
            advance(1)
        }
        while place < places {
            value *= 10
            place += 1
        }
        return value
    }

    /// All that is left as an integer with an optional sign; nil where anything else stands or 64 bits do not do.
    func wholeInteger() -> Int64? {
        var cursor = self
        let isNegative = cursor.skip(UInt8(ascii: "-"))
        guard cursor.isAtDigit else { return nil }
        var value: Int64 = 0
        while let byte = cursor.next() {
            guard Self.isDigit(byte) else { return nil }
            let digit = Int64(byte &- UInt8(ascii: "0"))
            let (tens, first) = value.multipliedReportingOverflow(by: 10)
            let (sum, second) =
                isNegative ? tens.subtractingReportingOverflow(digit) : tens.addingReportingOverflow(digit)
            guard !first, !second else { return nil }
            value = sum
        }
        return value
    }
}

extension UnsafeRawBufferPointer {
    /// Whether both hold the same bytes.
    func equals(_ other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        for index in indices where self[index] != other[index] { return false }
        return true
    }

    func equals(_ other: [UInt8]) -> Bool { other.withUnsafeBytes { equals($0) } }
}
