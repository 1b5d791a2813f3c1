/// A weekly span of local time: `Sat 00:00-06:00`, `Mon-Fri 12:00-13:00`, `daily 22:00-06:00`.
///
/// An end at or before the start lies on the next day.
package struct MaintenanceWindow: Codable, Sendable, Equatable {
    private let text: String
    /// Days on which it begins, 0 = Sunday.
    private let days: Set<Int>
    /// Minutes of the day.
    private let start: Int
    private let length: Int

    package init?(_ text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 2, let days = Self.parseDays(parts[0]) else { return nil }
        let times = parts[1].split(separator: "-")
        guard times.count == 2, let start = Self.parseMinutes(times[0]), let end = Self.parseMinutes(times[1]),
            start < 1440
        else { return nil }
        self.text = text
        self.days = days
        self.start = start
        length = end > start ? end - start : end + 1440 - start
    }

    /// `weekday` 0 = Sunday, `minute` of the day, both local.
    package func contains(weekday: Int, minute: Int) -> Bool {
        // A window is at most a day long, so it began today or yesterday.
        (days.contains(weekday) && (start..<start + length).contains(minute))
            || (days.contains((weekday + 6) % 7) && (start..<start + length).contains(minute + 1440))
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let window = Self(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "found \"\(text)\", expected a window like \"Sat 00:00-06:00\"")
        }
        self = window
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    private static let names = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

    private static func parseDays(_ text: Substring) -> Set<Int>? {
        if text == "daily" { return Set(0..<7) }
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { names.firstIndex(of: String($0)) }
        guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1] else { return nil }
        return Set((0...(last - first + 7) % 7).map { (first + $0) % 7 })
    }

    private static func parseMinutes(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 2, parts[1].utf8.count == 2,
            let hours = UInt8(parts[0]), let minutes = UInt8(parts[1]), minutes < 60,
            hours < 24 || (hours == 24 && minutes == 0)
        else { return nil }
        return Int(hours) * 60 + Int(minutes)
    }
}
