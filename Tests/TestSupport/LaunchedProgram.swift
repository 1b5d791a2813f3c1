import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A program that `Launcher` has started; killed when nobody holds it any more.
package final class LaunchedProgram: Sendable {
    package let command: String
    package let identifier: Int32
    private let folder: TemporaryFolder
    /// The exit status, once it has been collected.
    private let collected = Mutex<Int32?>(nil)

    init(command: String, identifier: Int32, folder: TemporaryFolder) {
        self.command = command
        self.identifier = identifier
        self.folder = folder
    }

    deinit { kill9() }

    /// All it has written so far.
    package var output: String { TestFile.text(folder.file("output")) }
    package var errors: String { TestFile.text(folder.file("errors")) }
    /// Files that hold the same.
    package var outputPath: String { folder.file("output") }
    package var errorsPath: String { folder.file("errors") }

    package var isRunning: Bool { status == nil }

    /// Exit status as the shell tells it, 128 + signal when killed; nil while it runs.
    package var status: Int32? {
        collected.withLock { collected in
            if let collected { return collected }
            var raw: Int32 = 0
            guard waitpid(identifier, &raw, WNOHANG) == identifier else { return nil }
            collected = Self.shellStatus(raw)
            return collected
        }
    }

    /// SIGTERM.
    package func terminate() { signal(SIGTERM) }

    /// Sends a signal, unless the program has ended.
    package func signal(_ number: Int32) {
        collected.withLock { if $0 == nil { kill(identifier, number) } }
    }

    /// SIGKILL, and waits until it is gone.
    package func kill9() {
        collected.withLock { collected in
            guard collected == nil else { return }
            kill(identifier, SIGKILL)
            var raw: Int32 = 0
            if waitpid(identifier, &raw, 0) == identifier { collected = Self.shellStatus(raw) }
        }
    }

    /// The exit status, or nil when the program still runs after the time.
    package func waitForExit(timeout: Duration = .seconds(60)) async -> Int32? {
        _ = await eventually(within: timeout) { self.status != nil }
        return status
    }

    private static func shellStatus(_ raw: Int32) -> Int32 {
        let signal = raw & 0x7F
        return signal == 0 ? (raw >> 8) & 0xFF : 128 + signal
    }
}
