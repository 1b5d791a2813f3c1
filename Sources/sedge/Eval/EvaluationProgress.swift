import SedgeCore
import Synchronization

/// `▕██████    ▏ 62 %  detectors on 28 series, 1:20 left`, redrawn in place on a terminal and silent elsewhere. Any
/// thread may call it.
final class EvaluationProgress: Sendable {
    private let note: String
    private let started = SystemTime.monotonicNanoseconds()
    private let lastDrawn = Mutex(Int64.min)

    private static let interval: Int64 = 200_000_000

    init(_ note: String) { self.note = note }

    /// - Parameter share: of all work that is done, 0 to 1.
    func update(_ share: Double) {
        guard Terminal.isInteractive else { return }
        let now = SystemTime.monotonicNanoseconds()
        let isDue = lastDrawn.withLock { last in
            guard last == .min || now - last >= Self.interval else { return false }
            last = now
            return true
        }
        guard isDue else { return }
        Terminal.writeError("\r\u{1B}[K" + Self.line(share: share, seconds: Double(now - started) * 1e-9, note: note))
    }

    /// Clears the line, so that what follows stands alone.
    func finish() {
        if Terminal.isInteractive { Terminal.writeError("\r\u{1B}[K") }
    }

    static func line(share: Double, seconds: Double, note: String) -> String {
        let width = 24
        let filled = Int(min(1, max(0, share)) * Double(width))
        let bar = String(repeating: "█", count: filled) + String(repeating: " ", count: width - filled)
        let percent = String(Int(share * 100))
        let padding = String(repeating: " ", count: max(0, 3 - percent.count))
        // The first hundredth says too little about the rest.
        let left = share > 0.01 ? ", \(time(seconds * (1 - share) / share)) left" : ""
        return "▕\(bar)▏\(padding)\(percent) %  \(note)\(left)"
    }

    private static func time(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        let rest = String(whole % 60)
        return "\(whole / 60):\(rest.count < 2 ? "0" : "")\(rest)"
    }
}
