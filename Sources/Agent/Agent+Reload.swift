import Control
import Inference
import Ingest
import Logging
package import SedgeCore
import Synchronization

extension Agent {
    /// The configuration that holds.
    package var configuration: Configuration { running.withLock { $0.configuration } }

    /// Goes over to another configuration while the agent runs: the one way for edited files, signals and messages. An
    /// earlier configuration is taken back in the same way.
    ///
    /// Everything is checked and built first, on the calling thread; then the pipeline's thread changes over between
    /// two batches. No message that waits is lost, and streams whose shape and model stay go on as they are.
    /// Passwords, certificates and bundles whose files hold something else than before are read again.
    ///
    /// Blocks: milliseconds as a rule, seconds where a broker is left. Not for the pipeline's thread or the
    /// cooperative pool.
    ///
    /// - Parameter origin: where it comes from, as `config` in payloads says.
    package func apply(_ configuration: Configuration, origin: String = "file") -> ReloadOutcome {
        reloading.withLock { _ in
            do throws(AgentError) {
                return try change(to: configuration, origin)
            } catch {
                return .refused(error)
            }
        }
    }

    private func change(to configuration: Configuration, _ origin: String) throws(AgentError) -> ReloadOutcome {
        let current = running.withLock { $0 }
        let change = ConfigurationChange(from: current.configuration, to: configuration)
        if let key = change.settings.first(where: { change.needsRestart.contains($0.path) }) {
            throw AgentError(
                ConfigurationError(
                    path: key.path, found: key.to ?? "nothing",
                    expected: "\(key.from ?? "nothing") until the agent is restarted"))
        }
        let name = configuration.fingerprint(origin: origin)
        let (staged, files) = try Self.classify(configuration) { try stage(configuration, name, current) }
        let reconnects = change.reconnects || files != current.brokerFiles
        let next = RunningConfiguration(staged, files)
        let builtModels = staged.built.keys.sorted()
        if current.configuration == configuration, name == current.name, !reconnects, builtModels.isEmpty {
            return .unchanged
        }
        let subscriptions = staged.subscriptions
        // Built now, since a password that can not be read must leave everything as it is.
        let connections =
            reconnects ? try Self.classify(configuration) { try parts.brokers.prepare(configuration.mqtt) } : nil
        guard let report = gate.hand(staged) else { throw AgentError(.unavailable, "the agent is not running") }
        HoldPoint.reach("adopted", log)
        running.withLock { $0 = next }
        // The pipeline knows what comes before it comes.
        parts.brokers.setSubscriptions(subscriptions)
        if let connections { parts.brokers.replace(by: connections) }
        let applied = AppliedChange(
            change: change, name: name, kept: report.kept, restarted: report.restarted, departed: report.departed,
            touched: TouchedStreams(report, change, reconnects: reconnects), builtModels: builtModels,
            reconnects: reconnects)
        tell(of: applied)
        let known = ConfigurationCheck.notes(on: current.configuration, with: current.bundles)
        for note in ConfigurationCheck.notes(on: configuration, with: next.bundles) where !known.contains(note) {
            log.warning("\(note)")
        }
        return .applied(applied)
    }

    /// Checks a configuration and builds what it needs and what does not run yet.
    private func stage(
        _ configuration: Configuration, _ name: String, _ current: RunningConfiguration
    ) throws -> (StagedConfiguration, BrokerFiles) {
        let bundles = try BundleSet(configuration, known: current.bundles)
        try ConfigurationCheck.check(configuration, against: bundles)
        try ConfigurationCheck.checkFiles(of: configuration.mqtt)
        let engine = try Engine(configuration.inference)
        let known = engine.isSame(as: current.engine) ? Set(current.bundles.all.values.map(\.fingerprint)) : []
        let staged = StagedConfiguration(
            configuration: configuration, name: name,
            patterns: try configuration.streams.map { try StreamPattern($0.topic, id: $0.id) }, bundles: bundles,
            engine: engine, built: try engine.makeEncoders(of: bundles, except: known))
        return (staged, BrokerFiles(configuration.mqtt))
    }

    private func tell(of applied: AppliedChange) {
        var metadata: Logger.Metadata = [
            "config": "\(applied.name)",
            "change": "\(applied.change.isEmpty ? "what files hold" : "\(applied.change)")",
            "streams_kept": "\(applied.kept)",
        ]
        if !applied.restarted.isEmpty { metadata["streams_restarted"] = "\(applied.restarted.list)" }
        if !applied.departed.isEmpty { metadata["streams_departed"] = "\(applied.departed.list)" }
        if !applied.builtModels.isEmpty { metadata["models"] = "\(applied.builtModels.joined(separator: ","))" }
        if applied.reconnects { metadata["reconnects"] = "true" }
        log.info("the configuration is applied", metadata: metadata)
    }
}

extension TouchedStreams {
    fileprivate init(_ report: AdoptionReport, _ change: ConfigurationChange, reconnects: Bool) {
        let alters = change.settings.contains { $0.path.hasPrefix("inference.") || $0.path.hasPrefix("adaptation.") }
        self.init(
            altered: alters || reconnects ? .all : .these(Set(report.altered)),
            moved: reconnects ? .all : .these(Set(report.moved)))
    }
}

extension [StreamID] {
    fileprivate var list: String { map(\.description).joined(separator: ",") }
}
