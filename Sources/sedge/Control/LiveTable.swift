import Synchronization

/// Lines that are redrawn in place on a terminal; elsewhere the title alone, when it changes.
final class LiveTable: Sendable {
    private struct State {
        var drawn = 0
        var title = ""
    }

    private let state = Mutex(State())

    func show(_ title: String, _ lines: [String]) {
        state.withLock { state in
            guard Terminal.isInteractive else {
                if title != state.title { Terminal.writeError("\(title)\n") }
                state.title = title
                return
            }
            let width = max(20, Terminal.width - 1)
            let text = ([title] + lines).map { "\($0.prefix(width))\u{1B}[K\n" }.joined()
            Terminal.writeError(Self.up(state.drawn) + text + "\u{1B}[J")
            state.drawn = lines.count + 1
        }
    }

    /// What was drawn stays; what follows stands below.
    func finish() { state.withLock { $0.drawn = 0 } }

    private static func up(_ lines: Int) -> String { lines > 0 ? "\u{1B}[\(lines)A\r" : "" }
}
