/// Decides when streams that came are announced. Discovery names every stream of the node, so those that come one after
/// the other go together: two seconds after the last of them, and no two announcements within half a minute.
///
/// Times are nanoseconds on a clock that never jumps.
struct AnnouncementPace {
    private static let quiet: Int64 = 2_000_000_000
    private static let interval: Int64 = 30_000_000_000

    /// The first and the last arrival that no announcement has named; nil: none waits.
    private var waiting: (first: Int64, last: Int64)?
    private var announced = Int64.min / 2

    mutating func arrived(_ now: Int64) { waiting = (first: waiting?.first ?? now, last: now) }

    /// An announcement goes out for another reason, and names all.
    mutating func allNamed() { waiting = nil }

    /// Whether it is time for those that wait, which then wait no more.
    mutating func takeDue(_ now: Int64) -> Bool {
        guard let waiting, now - announced >= Self.interval,
            now - waiting.last >= Self.quiet || now - waiting.first >= Self.interval
        else { return false }
        self.waiting = nil
        announced = now
        return true
    }
}
