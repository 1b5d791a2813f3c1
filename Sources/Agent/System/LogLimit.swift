/// Lets a recurring complaint through once a minute.
struct LogLimit {
    private var last: Int64?

    /// `now` in nanoseconds on a clock that never jumps.
    mutating func allows(now: Int64) -> Bool {
        if let last, now - last < 60_000_000_000 { return false }
        last = now
        return true
    }
}
