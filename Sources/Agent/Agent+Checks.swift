import Inference
package import SedgeCore
import Synchronization

extension Agent {
    /// Checks what `open` checks, and opens nothing. Notes on settings that do nothing in this version.
    package static func check(_ configuration: Configuration) throws(AgentError) -> [String] {
        try classify(configuration) {
            let bundles = try BundleSet(configuration)
            try ConfigurationCheck.check(configuration, against: bundles)
            let engine = try Engine(configuration.inference)
            for bundle in bundles.all.values { try bundle.selfTest(kernels: engine.kernels) }
            try ConfigurationCheck.checkFiles(of: configuration.mqtt)
            return ConfigurationCheck.notes(on: configuration, with: bundles)
        }
    }

    /// Whether `apply` would take a configuration, as far as that can be told without building what it needs. What is in
    /// use already is not read or tested again.
    func checkChange(to configuration: Configuration) throws(AgentError) {
        let current = running.withLock { $0 }
        let change = ConfigurationChange(from: current.configuration, to: configuration)
        if let key = change.needsRestart.first {
            throw AgentError(
                ConfigurationError(path: key, found: "another value", expected: "the same until the agent is restarted")
            )
        }
        try Self.classify(configuration) {
            let bundles = try BundleSet(configuration, known: current.bundles)
            try ConfigurationCheck.check(configuration, against: bundles)
            let engine = try Engine(configuration.inference)
            let tested = engine.isSame(as: current.engine) ? Set(current.bundles.all.values.map(\.fingerprint)) : []
            for bundle in bundles.all.values where !tested.contains(bundle.fingerprint) {
                try bundle.selfTest(kernels: engine.kernels)
            }
            try ConfigurationCheck.checkFiles(of: configuration.mqtt)
        }
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
            // Then the environment chose it.
            guard configuration.inference.kernel != "auto" else { throw AgentError(.configuration, "\(error)") }
            throw AgentError(
                ConfigurationError(
                    path: "inference.kernel", found: "\"\(configuration.inference.kernel)\"",
                    expected: (["auto"] + KernelSet.available).joined(separator: ", ")))
        } catch let error as BundleError {
            throw AgentError(.data, "\(error)")
        } catch let error as AgentError {
            throw error
        } catch let error as SelfTestError {
            throw AgentError(.data, "\(error)")
        } catch {
            throw AgentError(.io, "\(error)")
        }
    }
}
