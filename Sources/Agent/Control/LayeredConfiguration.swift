import Control
import SedgeCore
import Synchronization

/// The layers that hold, and their one way to the agent. Edited files and messages both go through here, so that
/// neither undoes the other.
final class LayeredConfiguration: Sendable {
    struct Layers: Sendable {
        /// As the file has it.
        var file: Configuration
        var remote: [EnvelopeScope: JSONDocument] = [:]
        /// A bundle that came from afar, in place of `inference.bundle`.
        var bundle: ContentDigest?
        /// Why what was sent, or a part of it, is not among them.
        var omission: String?

        /// All layers as one.
        func configuration() throws(ConfigurationError) -> Configuration {
            guard isLayered else { return file }
            let groups = file.control.groups.compactMap { try? GroupID($0) }
            guard let document = try? JSONParser.parse(file.json()[...]) else { return file }
            let order = ConfigurationLayers.order(node: file.node, groups: groups)
            var configuration = try ConfigurationLayers(file: document, remote: remote).configuration(order)
            let folder = ModelFolder(database: file.store.path)
            if let bundle { configuration.inference.bundle = folder.file(bundle) }
            // A stream may name a bundle that lies ready, to try it before the others do.
            for index in configuration.streams.indices {
                guard let digest = configuration.streams[index].bundle.flatMap(ContentDigest.init) else { continue }
                configuration.streams[index].bundle = folder.file(digest)
            }
            return configuration
        }

        var isLayered: Bool { !remote.isEmpty || bundle != nil }

        /// `config` in payloads begins with it.
        var origin: String { remote.isEmpty ? "file" : "remote" }
    }

    typealias Apply = @Sendable (_ configuration: Configuration, _ origin: String) -> ReloadOutcome

    typealias Check = @Sendable (_ configuration: Configuration) throws(AgentError) -> Void

    private let layers: Mutex<Layers>
    private let check: Check
    private let apply: Apply

    init(_ layers: Layers, check: @escaping Check, apply: @escaping Apply) {
        self.layers = Mutex(layers)
        self.check = check
        self.apply = apply
    }

    var current: Layers { layers.withLock { $0 } }

    /// What was sent can not be put to work, so that the file holds alone.
    static func omission(_ error: any Error) -> String { "it can not be laid over the file: \(error)" }

    /// Says why what was sent is not among the layers.
    func omit(_ reason: String) { layers.withLock { $0.omission = reason } }

    /// What the layers would be, checked as far as they can be without being put to work.
    func check(_ edit: (inout Layers) -> Void) throws(AgentError) {
        var next = current
        edit(&next)
        let configuration: Configuration
        do throws(ConfigurationError) {
            configuration = try next.configuration()
        } catch {
            throw AgentError(error)
        }
        try check(configuration)
    }

    /// Puts other layers to work. Refused, all stays as it is.
    func change(_ edit: (inout Layers) -> Void) -> ReloadOutcome {
        layers.withLock { layers in
            var next = layers
            edit(&next)
            let configuration: Configuration
            do throws(ConfigurationError) {
                configuration = try next.configuration()
            } catch {
                return .refused(AgentError(error))
            }
            let outcome = apply(configuration, next.origin)
            if case .refused = outcome { return outcome }
            layers = next
            return outcome
        }
    }
}
