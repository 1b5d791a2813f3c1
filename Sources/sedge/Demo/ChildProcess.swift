import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A program started beside this one, its output in a file. Killed, if it still runs, when forgotten.
final class ChildProcess {
    let name: String
    let logPath: String
    private let identifier: pid_t
    private var status: Int32?

    init(_ path: String, _ arguments: [String], log logPath: String) throws {
        name = path.split(separator: "/").last.map(String.init) ?? path
        self.logPath = logPath
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, logPath, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        // What is ignored here would be ignored there.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
        var words = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var identifier = pid_t()
        let result = posix_spawnp(&identifier, path, &actions, &attributes, &words, environ)
        guard result == 0 else {
            throw Failure(.unavailable, "cannot start \(path): \(String(cString: strerror(result)))")
        }
        self.identifier = identifier
    }

    deinit {
        guard exitStatus() == nil else { return }
        kill(identifier, SIGKILL)
        waitpid(identifier, nil, 0)
    }

    /// Its exit status, or 128 and the signal's number; nil while it runs.
    func exitStatus() -> Int32? {
        if let status { return status }
        var raw: Int32 = 0
        guard waitpid(identifier, &raw, WNOHANG) == identifier else { return nil }
        status = raw & 0x7F == 0 ? (raw >> 8) & 0xFF : 128 + (raw & 0x7F)
        return status
    }

    /// Asks it to end and waits; its status, or nil when it did not end in time.
    func stop(within seconds: Double) -> Int32? {
        if exitStatus() == nil { kill(identifier, SIGTERM) }
        return wait(within: seconds)
    }

    func wait(within seconds: Double) -> Int32? {
        let deadline = SystemTime.monotonicNanoseconds() + Int64(seconds * 1e9)
        while exitStatus() == nil, SystemTime.monotonicNanoseconds() < deadline { usleep(10_000) }
        return status
    }

    /// The end of what it printed, for when it failed.
    var lastLine: String {
        let text = (try? FileBytes.read(logPath, limit: 1 << 26)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return text.split(separator: "\n").last.map(String.init) ?? "it printed nothing"
    }
}
