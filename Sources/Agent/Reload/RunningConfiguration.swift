import SedgeCore

/// The configuration that holds, and what was read for it.
struct RunningConfiguration: Sendable {
    let configuration: Configuration
    /// `config` in payloads.
    let name: String
    let bundles: BundleSet
    let engine: Engine
    let brokerFiles: BrokerFiles

    /// - Parameter files: as they were when the connection was set up.
    init(_ staged: StagedConfiguration, _ files: BrokerFiles? = nil) {
        configuration = staged.configuration
        name = staged.name
        bundles = staged.bundles
        engine = staged.engine
        brokerFiles = files ?? BrokerFiles(staged.configuration.mqtt)
    }
}
