package import SedgeCore

/// Bytes written against a limit a UTC day. Pure: time comes in.
///
/// A clock that goes back never grants more: the bytes stay with the day they are moved to, and come along when it is set
/// right again, as on a box without one at every start.
package struct FlashBudget: Sendable, Equatable {
    package var bytesPerDay: Int64
    /// Days since 1970-01-01.
    package private(set) var day: Int64
    /// Written on that day.
    package private(set) var bytesToday: Int64
    /// The day that the clock went back from; 0: none.
    package private(set) var leftDay: Int64
    private static let microsecondsPerDay: Int64 = 86_400_000_000

    package init(bytesPerDay: Int64, day: Int64 = 0, bytesToday: Int64 = 0, leftDay: Int64 = 0) {
        self.bytesPerDay = bytesPerDay
        self.day = day
        self.bytesToday = bytesToday
        self.leftDay = leftDay
    }

    package mutating func record(bytes: Int64, at time: Timestamp) {
        let today = Self.day(of: time)
        bytesToday = spent(at: time) &+ bytes
        if today < day { leftDay = day }
        if today > day { leftDay = 0 }
        day = today
    }

    /// Of what can wait, a day. A tenth of the budget is kept for what can not.
    var share: Int64 { bytesPerDay - bytesPerDay / 10 }

    /// Whether so many more bytes may be written by what can wait.
    package func allows(bytes: Int64, at time: Timestamp) -> Bool { spent(at: time) + bytes <= share }

    /// Whether so many more bytes fit into the day and do not run ahead of it: what is written often, as learned state
    /// is, must still be allowed in the evening. An eighth of the day's share may be used at once.
    package func paces(bytes: Int64, at time: Timestamp) -> Bool {
        let start = Self.day(of: time) * Self.microsecondsPerDay
        let elapsed = Double(time.microseconds - start) / Double(Self.microsecondsPerDay)
        return Double(spent(at: time) + bytes) <= Double(share) * (1 + 7 * elapsed) / 8
    }

    /// Bytes already written on the day of `time`.
    package func spent(at time: Timestamp) -> Int64 {
        let today = Self.day(of: time)
        return today > day && today != leftDay ? 0 : bytesToday
    }

    static func day(of time: Timestamp) -> Int64 {
        let (quotient, remainder) = time.microseconds.quotientAndRemainder(dividingBy: microsecondsPerDay)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
