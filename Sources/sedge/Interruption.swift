import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Ctrl-C and SIGTERM as a flag, so that a run ends with its summary. The second Ctrl-C ends the program at once.
enum Interruption {
    private static let flag = Atomic(false)

    static var isRequested: Bool { flag.load(ordering: .relaxed) }

    /// To be called before the work begins.
    static func watch() {
        // A lazy global must not be initialised within a handler.
        _ = isRequested
        for number in [SIGINT, SIGTERM] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { _ in Interruption.flag.store(true, ordering: .relaxed) }
            action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
            sigaction(number, &action, nil)
        }
    }

    /// Sleeps; a signal may cut it short.
    static func pause(milliseconds: Int) { usleep(UInt32(milliseconds) * 1000) }
}
