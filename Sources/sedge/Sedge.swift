import Agent
import ArgumentParser
import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The toolbox: everything about an agent that is not the agent itself.
@main
struct Sedge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sedge",
        abstract: "Simulate, replay, train and look after Sedge agents.",
        discussion: """
            EXAMPLES
              sedge simulate --seconds 600 --speed 10
              sedge replay valve1/1.csv --stream valve --retime now --speed 60
            """,
        version: "sedge \(Version.current)",
        subcommands: subcommands
    )

    /// Parses, runs and ends the program. Every error is one line on stderr and a status of `ExitCode`.
    static func main() async {
        // A reader of the output that goes away is no reason to end: a training run goes on without it.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            if let failure = Terminal.outputFailure { throw failure }
        } catch {
            Failure.end(with: error)
        }
    }
}
