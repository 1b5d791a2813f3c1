package import SedgeCore

/// Why the agent could not start, in one sentence, with the status to exit with.
package struct AgentError: Error, CustomStringConvertible {
    package let code: ExitCode
    package let description: String
    /// Set where a key is at fault, so that whoever has the file can say where.
    package let configurationError: ConfigurationError?

    package init(_ code: ExitCode, _ description: String) {
        self.code = code
        self.description = description
        configurationError = nil
    }

    package init(_ error: ConfigurationError) {
        code = .configuration
        description = "\(error)"
        configurationError = error
    }
}
