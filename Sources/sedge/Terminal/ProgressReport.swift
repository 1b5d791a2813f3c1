/// Says how far the work is: redrawn in place on a terminal, and silent elsewhere until the last line.
///
/// Calls are cheap enough for every message: the clock's value comes in, and most calls only compare it.
struct ProgressReport {
    private let bar: ProgressBar
    private let started: Int64
    private let interval: Int64
    private let isShown: Bool
    private var next: Int64
    private var last: (done: Int, at: Int64)

    /// `interval` in nanoseconds between two redraws.
    init(total: Int, now: Int64, interval: Int64, isShown: Bool = Terminal.isInteractive) {
        bar = ProgressBar(total: total)
        started = now
        self.interval = interval
        self.isShown = isShown
        next = now + interval
        last = (0, now)
    }

    /// Redraws when it is time; `note` stands before the bar.
    mutating func update(done: Int, now: Int64, note: @autoclosure () -> String = "") {
        guard isShown, now >= next else { return }
        let seconds = Double(now - last.at) * 1e-9
        let rate = seconds > 0 ? Double(done - last.done) / seconds : 0
        last = (done, now)
        next = now + interval
        let note = note()
        let prefix = note.isEmpty ? "" : note + "  "
        let width = Terminal.width
        let line = prefix + bar.line(done: done, rate: rate, width: width - prefix.count - 1)
        Terminal.writeError("\r\u{1B}[K" + line.prefix(max(10, width - 1)))
    }

    /// Clears the line, so that what follows stands alone.
    func finish() {
        if isShown, last.at > started { Terminal.writeError("\r\u{1B}[K") }
    }
}
