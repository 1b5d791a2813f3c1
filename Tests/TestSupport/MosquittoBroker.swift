import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A real mosquitto with a configuration and a folder of its own, on a free port of 127.0.0.1.
///
/// `stop`, `kill` and `start` may follow each other; the port stays the same.
package final class MosquittoBroker: Sendable {
    package struct Options: Sendable {
        /// User name to password; empty: anyone may come in.
        package var passwords: [String: String] = [:]
        package var certificates: TestCertificates?
        package var requiresClientCertificate = false
        /// Retained messages and sessions survive a restart.
        package var isPersistent = false
        /// Whether the log names every packet, which slows the broker down.
        package var logsPackets = false
        /// More lines for the configuration.
        package var lines: [String] = []
        /// The configuration whole, in place of all of this; it has to listen on the broker's port.
        package var configuration: String?

        package init() {}
    }

    package let port: UInt16
    package let options: Options
    private let folder = TemporaryFolder()
    private let running = Mutex<LaunchedProgram?>(nil)

    /// Prepares the files; `start` starts it.
    package init(_ options: Options = Options(), port: UInt16 = freeLoopbackPort()) async throws {
        self.options = options
        self.port = port
        for (index, (name, password)) in options.passwords.sorted(by: { $0.key < $1.key }).enumerated() {
            let arguments = (index == 0 ? ["-c"] : []) + ["-b", folder.file("passwords"), name, password]
            let outcome = try await Launcher.run(.tool("mosquitto_passwd"), arguments)
            guard outcome.status == 0 else {
                throw Launcher.Failure(description: "mosquitto_passwd failed: \(outcome.errors)")
            }
        }
        try folder.write("mosquitto.conf", configuration)
    }

    /// A broker that runs already.
    package static func started(_ options: Options = Options()) async throws -> MosquittoBroker {
        let broker = try await MosquittoBroker(options)
        try await broker.start()
        return broker
    }

    /// Returns when it accepts connections.
    package func start() async throws {
        let program = try Launcher.start(.tool("mosquitto"), ["-c", folder.file("mosquitto.conf")])
        running.withLock { $0 = program }
        let isReady = await eventually(within: .seconds(60)) { isListening(self.port) || !program.isRunning }
        guard isReady, program.isRunning else {
            let state = program.status.map { "ended with status \($0)" } ?? "listens nowhere"
            throw Launcher.Failure(description: "mosquitto \(state): \(program.errors)\(program.output)")
        }
    }

    /// SIGTERM, as a service manager would.
    package func stop() async {
        guard let program = running.withLock({ $0.take() }) else { return }
        program.terminate()
        _ = await program.waitForExit(timeout: .seconds(5))
    }

    /// SIGKILL.
    package func kill() { running.withLock { $0.take() }?.kill9() }

    /// What it has logged since the last start.
    package var log: String { running.withLock { $0 }?.errors ?? "" }

    private var configuration: String {
        // Started by root it would change to a user who can not read our folder.
        let user = geteuid() == 0 ? ["user root"] : []
        if let whole = options.configuration { return ([whole] + user).joined(separator: "\n") }
        var lines = user + ["listener \(port) 127.0.0.1", "allow_anonymous \(options.passwords.isEmpty)"]
        if options.logsPackets { lines.append("log_type all") }
        if !options.passwords.isEmpty { lines.append("password_file \(folder.file("passwords"))") }
        if let certificates = options.certificates {
            lines += [
                "cafile \(certificates.ca)", "certfile \(certificates.serverCertificate)",
                "keyfile \(certificates.serverKey)", "require_certificate \(options.requiresClientCertificate)",
            ]
        }
        lines += ["persistence \(options.isPersistent)"]
        if options.isPersistent { lines += ["persistence_location \(folder.path)/", "autosave_interval 1"] }
        return (lines + options.lines).joined(separator: "\n") + "\n"
    }
}
