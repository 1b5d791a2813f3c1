import ArgumentParser
import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A reason to end with other than success: what was found, what was expected, where; and the exit status.
struct Failure: Error, CustomStringConvertible, Equatable {
    let code: SedgeCore.ExitCode
    let description: String

    init(_ code: SedgeCore.ExitCode, _ description: String) {
        self.code = code
        self.description = description
    }

    /// A system call that failed on a file: `open`, `read`, `write`; `errno` is read at the call.
    static func system(_ action: String, path: String, error: Int32 = errno) -> Self {
        Failure(.io, "cannot \(action) \(path): \(String(cString: strerror(error)))")
    }

    /// Ends the program. Help and version go to stdout, with status 0; everything else is one line on stderr.
    static func end(with error: any Error) -> Never {
        if let failure = known(error) {
            Terminal.writeError("sedge: \(failure.description)\n")
            exit(failure.code.rawValue)
        }
        let status = Sedge.exitCode(for: error)
        if status.isSuccess {
            Terminal.writeOutput(Sedge.fullMessage(for: error) + "\n")
            if let failure = Terminal.outputFailure { end(with: failure) }
            exit(0)
        }
        let message = Sedge.message(for: error)
        if status == .validationFailure {
            let stop = message.last.map { ".?!".contains($0) } ?? true ? "" : "."
            Terminal.writeError("sedge: \(singleLine(message))\(stop) See '\(helpCommand) --help'.\n")
            exit(SedgeCore.ExitCode.usage.rawValue)
        }
        // A status without a word is a command that has said all itself.
        if !(error is ArgumentParser.ExitCode) {
            Terminal.writeError("sedge: \(singleLine(message.isEmpty ? "\(error)" : message))\n")
            exit(SedgeCore.ExitCode.software.rawValue)
        }
        exit(status.rawValue)
    }

    /// An error that every command may end with; nil: the command line's own, or an unforeseen one.
    static func known(_ error: any Error) -> Failure? {
        switch error {
        case let failure as Failure: failure
        case let error as RecordingError: Failure(.data, error.description)
        default: nil
        }
    }

    /// The program with the subcommand that was asked for.
    private static var helpCommand: String {
        let names = Sedge.subcommands.map { $0._commandName }
        return CommandLine.arguments.dropFirst().first.map { names.contains($0) ? "sedge \($0)" : "sedge" } ?? "sedge"
    }

    private static func singleLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
