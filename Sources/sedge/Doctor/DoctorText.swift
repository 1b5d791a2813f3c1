import SedgeCore

/// A point in time as `2026-03-01 08:15:00 UTC`.
enum UTCText {
    static func of(_ time: Timestamp) -> String {
        let (day, second) = floorDivide(time.milliseconds / 1000, 86_400)
        let date = civil(day: day)
        return "\(date.year)-\(two(date.month))-\(two(date.day)) "
            + "\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60)) UTC"
    }

    /// Days since 1970 as a date; after Hinnant, "chrono-compatible low-level date algorithms" (2013).
    private static func civil(day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = floorDivide(day + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }

    private static func floorDivide(_ value: Int64, _ by: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: by)
        return remainder < 0 ? (quotient - 1, remainder + by) : (quotient, remainder)
    }

    private static func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
}

/// A length of time in the one unit that reads best: `0.4 s`, `12 s`, `5 min`, `3 h`, `2 days`.
func spanText(_ seconds: Double) -> String {
    let seconds = seconds.magnitude
    return switch seconds {
    case ..<9.95: "\(fixed(seconds, 1)) s"
    case ..<119.5: "\(fixed(seconds, 0)) s"
    case ..<7170: "\(fixed(seconds / 60, 0)) min"
    case ..<171_000: "\(fixed(seconds / 3600, 0)) h"
    case ..<1e14: "\(fixed(seconds / 86_400, 0)) days"
    default: "ages"
    }
}

/// Bytes as `12.3 MB`.
func megabytesText(_ bytes: Int64) -> String {
    bytes >= 10_000_000_000 ? "\(fixed(Double(bytes) / 1e9, 0)) GB" : "\(fixed(Double(bytes) / 1e6, 1)) MB"
}
