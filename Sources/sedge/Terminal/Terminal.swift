import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// write(2), which the method below would hide.
private let systemWrite: @Sendable (Int32, UnsafeRawPointer?, Int) -> Int = { write($0, $1, $2) }

/// What this program writes to and whether somebody looks at it.
enum Terminal {
    /// Whether stderr is a terminal: only then are progress bars drawn.
    static let isInteractive = isatty(STDERR_FILENO) == 1 && environment("TERM") != "dumb"

    /// Colour only for eyes, and never against the user's wish (https://no-color.org).
    static let hasColour = isInteractive && (environment("NO_COLOR") ?? "").isEmpty

    /// Columns of the terminal, 80 where unknown.
    static var width: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    /// `errno` of a write to stdout that failed; 0: none did.
    private static let outputError = Atomic<Int32>(0)

    /// Why not all output was written; nil: it was, or its reader went away.
    static var outputFailure: Failure? {
        let error = outputError.load(ordering: .relaxed)
        return error == 0 ? nil : .system("write", path: "standard output", error: error)
    }

    static func writeOutput(_ text: String) { write(text, to: STDOUT_FILENO) }
    static func writeError(_ text: String) { write(text, to: STDERR_FILENO) }

    /// `text` in a colour where colours are wanted.
    static func coloured(_ text: String, _ colour: Colour) -> String {
        hasColour ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// Foreground colours as SGR parameters.
    enum Colour: Int {
        case bold = 1
        case dim = 2
        case red = 31
        case green = 32
        case yellow = 33
    }

    /// Writes all of it; a reader that went away is no reason to fail.
    private static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let written = systemWrite(descriptor, rest.baseAddress, rest.count)
                if written < 0 {
                    let error = errno
                    if error == EINTR { continue }
                    if descriptor == STDOUT_FILENO, error != EPIPE { outputError.store(error, ordering: .relaxed) }
                    return
                }
                rest = UnsafeRawBufferPointer(rebasing: rest[written...])
            }
        }
    }
}
