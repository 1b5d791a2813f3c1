import Inference
package import SedgeCore

extension Agent {
    /// Checks what `open` checks, and opens nothing. Notes on settings that do nothing in this version.
    package static func check(_ configuration: Configuration) throws(AgentError) -> [String] {
        try classify(configuration) {
            let bundles = try BundleSet(configuration)
            try ConfigurationCheck.check(configuration, against: bundles)
            let engine = try Engine(configuration.inference)
            for bundle in bundles.all.values { try bundle.selfTest(kernels: engine.kernels) }
            try ConfigurationCheck.checkFiles(of: configuration.mqtt)
        }
        return ConfigurationCheck.notes(on: configuration)
    }

    /// Gives every error the status that the process ends with.
    static func classify<Result>(
        _ configuration: Configuration, _ body: () throws -> Result
    ) throws(AgentError) -> Result {
        do {
            return try body()
        } catch let error as ConfigurationError {
            throw AgentError(error)
        } catch let error as KernelError {
            throw AgentError(
                ConfigurationError(
                    path: "inference.kernel", found: "\"\(configuration.inference.kernel)\"", expected: "\(error)"))
        } catch let error as BundleError {
            throw AgentError(.data, "\(error)")
        } catch let error as SelfTestError {
            throw AgentError(.data, "\(error)")
        } catch {
            throw AgentError(.io, "\(error)")
        }
    }
}
