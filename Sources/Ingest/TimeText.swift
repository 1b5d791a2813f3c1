/// Reads a time that is text: a number, or ISO 8601 / RFC 3339. Allocates nothing.
enum TimeText {
    /// Microseconds since 1970, rounded down; nil for anything but a time.
    static func parse(_ text: UnsafeRawBufferPointer, unit: TimeUnit) -> Int64? {
        var text = ByteCursor(text)
        text.trim()
        if let value = text.wholeInteger() { return unit.microseconds(value) }
        if case .finite(let value) = NumberText.parse(text.rest) { return unit.microseconds(value) }
        return parseISO8601(&text)
    }

    /// `2024-05-06T07:08:09.123456+02:00` and its basic form `20240506T070809Z`. Seconds, fraction and zone may be
    /// left out (no zone is UTC), as may the whole time of day; `t`, a blank or `_` may stand for `T`, a comma for the
    /// point. A leap second is the first of the next minute. Week and ordinal dates are not read.
    private static func parseISO8601(_ text: inout ByteCursor) -> Int64? {
        guard let year = text.digits(4) else { return nil }
        let isExtended = text.skip(UInt8(ascii: "-"))
        guard let month = text.digits(2), (1...12).contains(month) else { return nil }
        guard !isExtended || text.skip(UInt8(ascii: "-")) else { return nil }
        guard let day = text.digits(2), day >= 1, day <= daysIn(month: month, year: year) else { return nil }
        var microseconds = days(year: year, month: month, day: day) * 86_400_000_000
        if text.isAtEnd { return microseconds }
        guard let separator = text.next(), "Tt _".utf8.contains(separator) else { return nil }
        guard let hour = text.digits(2), hour < 24 else { return nil }
        let hasColon = text.skip(UInt8(ascii: ":"))
        guard let minute = text.digits(2), minute < 60 else { return nil }
        var second = 0
        var fraction = 0
        if hasColon ? text.skip(UInt8(ascii: ":")) : text.isAtDigit {
            guard let found = text.digits(2), found <= 60 else { return nil }
            second = found
            if text.skip(UInt8(ascii: ".")) || text.skip(UInt8(ascii: ",")) {
                guard let found = text.fraction(places: 6) else { return nil }
                fraction = found
            }
        }
        // A leap second's fraction would overtake the next minute's.
        if second == 60 { fraction = 0 }
        microseconds += Int64((hour * 60 + minute) * 60 + second) * 1_000_000 + Int64(fraction)
        guard let offset = zone(&text), text.isAtEnd else { return nil }
        return microseconds - offset
    }

    /// Microseconds east of UTC.
    private static func zone(_ text: inout ByteCursor) -> Int64? {
        if text.isAtEnd { return 0 }
        guard let sign = text.next() else { return nil }
        if sign == UInt8(ascii: "Z") || sign == UInt8(ascii: "z") { return 0 }
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return nil }
        guard let hours = text.digits(2), hours < 24 else { return nil }
        var minutes = 0
        if !text.isAtEnd {
            _ = text.skip(UInt8(ascii: ":"))
            guard let found = text.digits(2), found < 60 else { return nil }
            minutes = found
        }
        let offset = Int64(hours * 60 + minutes) * 60_000_000
        return sign == UInt8(ascii: "-") ? -offset : offset
    }

    private static func daysIn(month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970-01-01 in the Gregorian calendar: years begin in March, so the leap day comes last.
    private static func days(year: Int, month: Int, day: Int) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int64(era * 146_097 + dayOfEra - 719_468)
    }
}
