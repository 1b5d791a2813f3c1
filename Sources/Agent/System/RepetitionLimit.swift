/// Lets each text through once a minute, and counts what it keeps back meanwhile.
///
/// Good news goes through again after bad news that did: a log that says "lost" must say "connected" after it.
struct RepetitionLimit {
    private struct Entry {
        var last: Int64
        var kept: Int
        let isProblem: Bool
    }

    private var entries: [String: Entry] = [:]
    private static let minute: Int64 = 60_000_000_000
    /// Texts remembered.
    private static let limit = 64

    /// How many of these were kept back since the last one that was let through; nil: this one is kept back too.
    /// `now` in nanoseconds on a clock that never jumps.
    mutating func keptBack(before text: String, isProblem: Bool, now: Int64) -> Int? {
        let known = entries[text]
        if let known, now - known.last < Self.minute {
            entries[text]!.kept += 1
            return nil
        }
        if isProblem { entries = entries.filter { $0.value.isProblem } }
        if entries.count >= Self.limit { entries = entries.filter { now - $0.value.last < Self.minute } }
        if entries.count >= Self.limit { entries.removeAll() }
        entries[text] = Entry(last: now, kept: 0, isProblem: isProblem)
        return known?.kept ?? 0
    }
}
