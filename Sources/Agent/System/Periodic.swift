/// Something to do again and again; times in nanoseconds on a clock that never jumps.
struct Periodic {
    private let interval: Int64
    private var last: Int64?

    /// `startsDue`: the first look already finds it due; else that look starts the wait.
    init(everyMS milliseconds: Int64, startsDue: Bool = false) {
        interval = milliseconds * 1_000_000
        last = startsDue ? .min / 2 : nil
    }

    mutating func isDue(_ now: Int64) -> Bool {
        guard let last else {
            self.last = now
            return false
        }
        guard now - last >= interval else { return false }
        self.last = now
        return true
    }

    mutating func makeDue() { last = .min / 2 }
}
