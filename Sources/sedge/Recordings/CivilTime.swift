import SedgeCore

/// Reads a point in time as recordings write it: ISO 8601, `YYYY-MM-DD HH:MM:SS`, or unix time as a number.
///
/// Without an offset, a time is taken as UTC. Days from the civil calendar after Hinnant, "chrono-compatible
/// low-level date algorithms" (2013).
enum CivilTime {
    /// nil for what is neither.
    static func parse(_ text: some StringProtocol) -> Timestamp? {
        parseDate(text) ?? parseUnix(text)
    }

    /// `2020-03-09`, `2020-03-09 10:34`, `2020-03-09T10:34:33.25+01:00`.
    static func parseDate(_ text: some StringProtocol) -> Timestamp? {
        var scanner = Scanner(bytes: Array(text.utf8))
        guard let year = scanner.digits(4), scanner.skip("-"), let month = scanner.digits(2), scanner.skip("-"),
            let day = scanner.digits(2), (1...12).contains(month),
            (1...length(ofMonth: month, year: year)).contains(day)
        else { return nil }
        var microseconds = days(year: year, month: month, day: day) * 86_400_000_000
        if scanner.isAtEnd { return Timestamp(microseconds: microseconds) }

        guard scanner.skip("T") || scanner.skip(" ") || scanner.skip("t"), let hour = scanner.digits(2),
            scanner.skip(":"), let minute = scanner.digits(2), hour < 24, minute < 60
        else { return nil }
        var second: Int64 = 0
        var fraction: Int64 = 0
        if scanner.skip(":") {
            guard let value = scanner.digits(2), value <= 60 else { return nil }
            second = value
            if scanner.skip(".") || scanner.skip(",") {
                guard let value = scanner.fraction() else { return nil }
                fraction = value
            }
        }
        microseconds += ((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction
        if scanner.isAtEnd || (scanner.skip("Z") || scanner.skip("z")) && scanner.isAtEnd {
            return Timestamp(microseconds: microseconds)
        }
        let isEast = scanner.skip("+")
        guard isEast || scanner.skip("-"), let hours = scanner.digits(2), hours < 24 else { return nil }
        _ = scanner.skip(":")
        let minutes = scanner.isAtEnd ? 0 : scanner.digits(2)
        guard let minutes, minutes < 60, scanner.isAtEnd else { return nil }
        let offset = (hours * 60 + minutes) * 60_000_000
        return Timestamp(microseconds: isEast ? microseconds - offset : microseconds + offset)
    }

    /// Seconds, milliseconds, microseconds or nanoseconds since 1970; the size tells which, right for 1973 to 5138.
    static func parseUnix(_ text: some StringProtocol) -> Timestamp? {
        guard let value = Double(text), value.isFinite else { return nil }
        return unix(value)
    }

    static func unix(_ value: Double) -> Timestamp? {
        let scale: Double =
            switch value.magnitude {
            case ..<1e11: 1e6
            case ..<1e14: 1e3
            case ..<1e17: 1
            case ..<1e20: 1e-3
            default: 0
            }
        guard scale > 0 else { return nil }
        return Timestamp(microseconds: Int64((value * scale).rounded()))
    }

    /// Days from 1970-01-01 to a date of the Gregorian calendar.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func length(ofMonth month: Int64, year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private struct Scanner {
        let bytes: [UInt8]
        var position = 0

        var isAtEnd: Bool { position == bytes.count }

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
            position += 1
            return true
        }

        /// Exactly this many digits.
        mutating func digits(_ count: Int) -> Int64? {
            guard position + count <= bytes.count else { return nil }
            var value: Int64 = 0
            for byte in bytes[position..<position + count] {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                value = value * 10 + Int64(byte - UInt8(ascii: "0"))
            }
            position += count
            return value
        }

        /// Digits after a decimal point as microseconds; further ones are dropped.
        mutating func fraction() -> Int64? {
            var (value, scale, count): (Int64, Int64, Int) = (0, 100_000, 0)
            while let digit = digits(1) {
                value += digit * scale
                scale /= 10
                count += 1
            }
            return count > 0 ? value : nil
        }
    }
}
