#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Starts programs; nothing else in the tests does. Output goes to files, so that no pipe fills up.
package enum Launcher {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
        package init(description: String) { self.description = description }
    }

    /// What a program that has ended left.
    package struct Outcome: Sendable {
        /// As the shell tells it: 128 + signal when killed.
        package let status: Int32
        package let output: String
        package let errors: String
    }

    /// - Parameter environment: set beside what the tests have.
    package static func start(
        _ program: Program, _ arguments: [String] = [], environment added: [String: String] = [:],
        folder: String? = nil
    ) throws -> LaunchedProgram {
        // posix_spawn(3) can change the folder only as a GNU extension that Swift's C module does not show.
        let move = folder.map { ["env", "-C", $0] } ?? []
        var command = move + program.command
        command[0] = Program.tool(command[0]).path
        let output = TemporaryFolder()
        let identifier = try spawn(
            command + arguments, environment: merged(added), output: output.file("output"),
            errors: output.file("errors"))
        return LaunchedProgram(command: program.path, identifier: identifier, folder: output)
    }

    /// Starts a program and waits for its end.
    package static func run(
        _ program: Program, _ arguments: [String] = [], environment: [String: String] = [:], folder: String? = nil,
        timeout: Duration = .seconds(60)
    ) async throws -> Outcome {
        let running = try start(program, arguments, environment: environment, folder: folder)
        guard let status = await running.waitForExit(timeout: timeout) else {
            running.kill9()
            throw Failure(description: "\(running.command) did not end within \(timeout)")
        }
        return Outcome(status: status, output: running.output, errors: running.errors)
    }

    private static func merged(_ added: [String: String]) -> [String] {
        var result = added.map { "\($0)=\($1)" }
        var entry = environ
        while let text = entry.pointee {
            let line = String(cString: text)
            if added[String(line.prefix { $0 != "=" })] == nil { result.append(line) }
            entry += 1
        }
        return result
    }

    private static func spawn(
        _ command: [String], environment: [String], output: String, errors: String
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        // An inherited socket would keep a connection open that its owner has closed.
        for descriptor in Int32(3)..<1024 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }

        // The test runner may block signals; a program must start with none blocked and none ignored.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for signal in [SIGPIPE, SIGTERM, SIGINT] { sigaddset(&signals, signal) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var identifier = pid_t()
        let arguments = command.map { strdup($0) } + [nil]
        let variables = environment.map { strdup($0) } + [nil]
        defer { (arguments + variables).forEach { free($0) } }
        let result = posix_spawn(&identifier, command[0], &actions, &attributes, arguments, variables)
        guard result == 0 else {
            throw Failure(description: "can not start \(command[0]): \(String(cString: strerror(result)))")
        }
        return identifier
    }
}
