/// A point in event time: microseconds since 1970-01-01T00:00:00Z, leap seconds ignored.
package struct Timestamp: Hashable, Sendable, Comparable {
    package var microseconds: Int64

    package init(microseconds: Int64) { self.microseconds = microseconds }
    package init(milliseconds: Int64) { microseconds = milliseconds &* 1000 }

    /// Milliseconds since 1970, rounded down: what payloads carry as `ts`.
    package var milliseconds: Int64 {
        let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: 1000)
        return remainder < 0 ? quotient - 1 : quotient
    }

    package static func < (left: Self, right: Self) -> Bool { left.microseconds < right.microseconds }

    /// Microseconds from `right` to `left`.
    package static func - (left: Self, right: Self) -> Int64 { left.microseconds &- right.microseconds }

    package static func + (left: Self, microseconds: Int64) -> Self {
        Self(microseconds: left.microseconds &+ microseconds)
    }
}

extension Timestamp: Codable {
    /// In JSON a timestamp is an integer of milliseconds.
    package init(from decoder: any Decoder) throws {
        self.init(milliseconds: try decoder.singleValueContainer().decode(Int64.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliseconds)
    }
}
