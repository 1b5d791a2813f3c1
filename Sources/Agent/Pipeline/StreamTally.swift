import Control

/// What a canary asks of one stream: counted since the process started, on the clock that never jumps, and kept when
/// the stream is read in another way or leaves and comes back.
struct StreamTally: Sendable, Equatable {
    private var decoded: UInt64 = 0
    private var failed: UInt64 = 0
    private var alarms: UInt64 = 0
    private var firstArrival: Int64?
    private var lastArrival: Int64?
    /// The longest silence, and when it ended; forgotten after a day, as an outage should be.
    private var longestPause: Int64 = 0
    private var pauseEnd: Int64 = 0
    /// Alarms of the day that began then, and of the one before.
    private var day: Int64 = 0
    private var alarmsToday: UInt64 = 0
    private var alarmsYesterday: UInt64 = 0

    private static let oneDay: Int64 = 86_400_000_000_000

    mutating func arrived(_ now: Int64) {
        if let lastArrival {
            let pause = now - lastArrival
            if pause >= longestPause || now - pauseEnd > Self.oneDay { (longestPause, pauseEnd) = (pause, now) }
        }
        firstArrival = firstArrival ?? now
        lastArrival = now
    }

    mutating func read() { decoded += 1 }
    mutating func couldNotRead() { failed += 1 }

    mutating func alarmed(_ now: Int64) {
        alarms += 1
        if now - day >= Self.oneDay {
            alarmsYesterday = now - day < 2 * Self.oneDay ? alarmsToday : 0
            (day, alarmsToday) = (now, 0)
        }
        alarmsToday += 1
    }

    func reading(at now: Int64) -> StreamReading {
        let lately = now - day < 2 * Self.oneDay ? alarmsToday + alarmsYesterday : 0
        return StreamReading(
            decoded: decoded, failed: failed, alarms: alarms, alarmsLately: lately,
            age: firstArrival.map { Double(now - $0) / 1e9 } ?? 0,
            longestPause: Double(max(longestPause, lastArrival.map { now - $0 } ?? 0)) / 1e9)
    }
}
