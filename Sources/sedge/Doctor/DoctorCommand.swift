import ArgumentParser
import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// `sedge doctor`: what is wrong with a gateway, a line a check.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look at a gateway and say what is wrong and what to do.",
        discussion: """
            Checks configuration, encoder, clock, disk, database and brokers, asks what the agent says of itself, and \
            listens whether each [[stream]] brings messages that can be read and that the agent scores. Reads only; \
            it may run beside the agent at any time, best as the agent's user.

            Ends with 0 when nothing failed, or with the status of the first failure: 65 bundle or payloads, 69 broker, \
            agent or silent stream, 70 agent that crashes, 74 disk, 78 configuration or clock.

            EXAMPLES
              sedge doctor
              sudo -u sedge sedge doctor --config /etc/sedge/sedge.toml --seconds 60
              sedge doctor --json | jq '.[] | select(.level == "fail")'
            """)

    @Option(help: ArgumentHelp("The agent's configuration.", valueName: "file"))
    var config = "/etc/sedge/sedge.toml"

    @Option(help: "How long to listen for messages.")
    var seconds = 10.0

    @Flag(help: "Print the findings as a JSON array.")
    var json = false

    func validate() throws {
        guard (1...3600).contains(seconds) else { throw ValidationError("--seconds is \(seconds), expected 1 to 3600") }
    }

    func run() throws {
        Interruption.watch()
        let examination = DoctorExamination(path: config, seconds: seconds) { left in
            guard Terminal.isInteractive else { return }
            Terminal.writeError("\r\u{1B}[Klistening, \(left) s left")
        }
        let findings = examination.run().findings
        if Terminal.isInteractive { Terminal.writeError("\r\u{1B}[K") }
        if json {
            Terminal.writeOutput(String(decoding: PayloadJSON.encode(findings), as: UTF8.self) + "\n")
        } else {
            let isColoured = Terminal.hasColour && isatty(STDOUT_FILENO) == 1
            Terminal.writeOutput(FindingTable(findings: findings, isColoured: isColoured).text)
        }
        let code = findings.exitCode
        guard code == .success else { throw ArgumentParser.ExitCode(code.rawValue) }
    }
}
