import Agent
import ArgumentParser
import Logging
import SedgeCore
import ServiceLifecycle
import UnixSignals

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The agent's program. Everything it does is in the configuration; the options only say how to start.
@main
struct Sedged: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sedged",
        abstract: "Reads sensor streams from MQTT, learns what is normal, and publishes what is not.",
        discussion: """
            Examples:
              sedged --config /etc/sedge/sedge.toml
              sedged --check --config ./sedge.toml

            Exit codes: 0 clean stop, 64 usage, 65 bad bundle, 69 broker unreachable with --once, 70 internal,
            74 input/output, 78 configuration.
            """,
        version: "sedged \(Version.current)")

    @Option(help: "The configuration file.")
    var config = "/etc/sedge/sedge.toml"

    @Flag(help: "Check the configuration and the bundle, and exit.")
    var check = false

    @Flag(help: "End with 69 when the broker can not be reached within ten seconds, or is lost.")
    var once = false

    @Option(help: "How log lines are written: logfmt or json.")
    var logFormat = LogFormat.logfmt

    @Option(help: "The least important level that is logged: trace, debug, info, notice, warning, error, critical.")
    var logLevel = LogLevel.info

    func run() async throws {
        var file: ConfigurationFile?
        do {
            let read = try ConfigurationFile(path: config)
            file = read
            try await start(read)
        } catch let error as ConfigurationError {
            fail(.configuration, "\(config): \(error)")
        } catch let error as FileError {
            fail(.configuration, "\(error)")
        } catch let error as AgentError {
            let located = error.configurationError.flatMap { file?.locate($0) }
            fail(error.code, located.map { "\(config): \($0)" } ?? "\(error)")
        } catch {
            fail(.software, "\(error)")
        }
    }

    private func start(_ file: ConfigurationFile) async throws {
        let configuration = file.configuration
        if check {
            for note in try Agent.check(configuration) { print("note: \(note)") }
            print("\(config): OK")
            return
        }
        // Until the file is watched there is nothing to read again.
        signal(SIGHUP, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        // A file that reaches a limit is a full disk, which the store can live with.
        signal(SIGXFSZ, SIG_IGN)
        // Until the service group listens there is nothing to save and nobody to say goodbye to.
        for number in [SIGTERM, SIGINT] { signal(number) { _ in _exit(0) } }
        let log = Logger(label: "sedged") { [logFormat, logLevel] _ in
            StructuredLogHandler(format: logFormat, level: logLevel.level)
        }
        let notifier = SystemNotifier()
        let agent = try Agent.open(configuration, log: log, notifier: notifier)
        let service = AgentService(agent, notifier: notifier) { [once] in
            if once { try await agent.failWhenDisconnected() } else { try await gracefulShutdown() }
        }
        let reload = ReloadService(
            watch: ConfigurationWatch(file, agent: agent, notifier: notifier, log: log))
        let quiet = Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() }
        try await ServiceGroup(
            configuration: .init(
                services: [
                    .init(
                        service: service, successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .cancelGroup),
                    .init(service: reload),
                ], gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
        ).run()
    }
}

/// One line, and the status that says what kind of failure it was.
private func fail(_ code: SedgeCore.ExitCode, _ message: String) -> Never {
    var line = "sedged: \(message)\n"
    line.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    exit(code.rawValue)
}

extension LogFormat: ExpressibleByArgument {}

/// swift-log's levels as an option's values.
enum LogLevel: String, ExpressibleByArgument, CaseIterable {
    case trace, debug, info, notice, warning, error, critical

    var level: Logger.Level { Logger.Level(rawValue: rawValue)! }
}
