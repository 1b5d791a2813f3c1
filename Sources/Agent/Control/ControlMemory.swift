import Control
import Logging
import SedgeCore
import Store

/// What an agent remembers of what it was sent.
struct ControlMemory: Sendable {
    private(set) var node: ControlNode
    /// Payloads of what holds and of what is under way, by transaction.
    private(set) var payloads: [String: [UInt8]] = [:]
    let folder: ModelFolder
    /// Rows that could not be understood.
    private(set) var damaged: [String] = []

    init(_ store: Store, file: Configuration) throws(StoreError) {
        folder = ModelFolder(database: file.store.path)
        let groups = file.control.groups.compactMap { try? GroupID($0) }
        let versions = store.acceptedVersions
        let names = versions.keys
        func texts(_ prefix: String) -> [String] {
            names.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
        }
        // An empty list is how whoever owns the node turns changes from afar off, whatever came by them.
        let isOff = file.control.trustedKeys.isEmpty
        let keys = KeyRing(
            file: file.control.trustedKeys.compactMap(TrustedKey.init),
            added: isOff ? [] : texts(Self.addedPrefix).compactMap(TrustedKey.init),
            revoked: Set(texts(Self.revokedPrefix).compactMap(KeyID.init)))
        var digests: [String: ContentDigest] = [:]
        var machines: [ControlSubject: RolloutMachine] = [:]
        let scopes = Set(ConfigurationLayers.order(node: file.node, groups: groups))
        for (subject, kind) in Self.tables {
            var active: [EnvelopeScope: Candidate] = [:]
            var open: [Candidate] = []
            for row in try store.rollouts(kind) {
                guard let header = try? EnvelopeHeader(json: row.header), let state = RolloutState(rawValue: row.state)
                else {
                    damaged.append("\(row.target) version \(row.version)")
                    continue
                }
                // Of a group that the node has left.
                guard scopes.contains(header.scope) else { continue }
                let name = ControlNode.versionName(subject, header.scope)
                if header.version == versions[name] { digests[name] = header.digest }
                let candidate = Candidate(header: header, state: state, reason: row.reason, attempts: row.attempts)
                if state == .active {
                    active[header.scope] = candidate
                } else if !state.isFinal {
                    open.append(candidate)
                }
                payloads[header.transaction] = row.payload
            }
            // Its end could not be recorded, and a newer one has come since.
            open.removeAll { $0.header.version < active[$0.header.scope]?.header.version ?? 0 }
            // One at a time goes on; the others were waiting, or lie ready, or the power went between two records.
            let current =
                open.first { $0.state != .verified && !$0.isReady } ?? open.first { !$0.isReady && !$0.comesInParts }
            machines[subject] = RolloutMachine(
                active: active, candidate: current, waiting: open.filter { $0 != current })
        }
        let changes = texts(Self.changePrefix).compactMap { text in
            versions[Self.changePrefix + text].flatMap { AppliedKeyChange(text: text, version: $0) }
        }.filter { scopes.contains($0.scope) }
        for change in changes {
            let name = ControlNode.versionName(.keys, change.scope)
            if change.version == versions[name] { digests[name] = change.digest }
        }
        node = ControlNode(
            node: file.node, groups: groups, keys: keys, highest: versions, digests: digests, machines: machines,
            keyChanges: changes, postponed: try store.postponed().compactMap { PostponedEnvelope($0) })
    }

    /// Table of each subject's history.
    static let tables: [(ControlSubject, StoredRollout.Kind)] = [(.configuration, .configurations), (.model, .models)]

    /// Keys stand beside the versions that must never go back, in the database and in the second file: a lost database
    /// must not bring a revoked key back.
    static let addedPrefix = "key-added:"
    static let revokedPrefix = "key-revoked:"
    static let changePrefix = "key-change:"

    /// The last change of a scope's keys; its version is the value.
    static func changeName(_ change: AppliedKeyChange) -> String { changePrefix + change.text }

    /// What holds, laid over the file. What can not be read any more is left out, and named.
    func layers(file: Configuration) -> (LayeredConfiguration.Layers, missing: [String]) {
        var layers = LayeredConfiguration.Layers(file: file)
        var missing: [String] = []
        for (scope, candidate) in node.machines[.configuration]?.active ?? [:] {
            do throws(Refusal) {
                layers.remote[scope] = try ConfigurationLayers.read(payloads[candidate.header.transaction] ?? [])
            } catch {
                missing.append("configuration of \(scope): \(error)")
            }
        }
        if let scope = node.modelScope, let candidate = node.machines[.model]?.active[scope] {
            if let digest = bundleDigest(of: candidate), folder.read(digest) != nil {
                layers.bundle = digest
            } else {
                missing.append("model version \(candidate.header.version)")
            }
        }
        if !missing.isEmpty { layers.omission = "it is lost: \(missing.joined(separator: "; "))" }
        return (layers, missing)
    }

    /// The layers, as far as they can be put to work: a bundle that is gone or a group that was left must not keep the
    /// agent from starting.
    func usableLayers(file: Configuration, log: Logger) -> LayeredConfiguration.Layers {
        let (layers, missing) = layers(file: file)
        for what in missing + damaged {
            log.error("what was sent is lost", metadata: ["what": "\(what)"])
        }
        guard layers.isLayered else { return layers }
        do {
            _ = try Agent.check(layers.configuration())
            return layers
        } catch {
            log.error("what was sent can not be used, the file holds", metadata: ["error": "\(error)"])
            return LayeredConfiguration.Layers(file: file, omission: LayeredConfiguration.omission(error))
        }
    }

    /// The bundle that a candidate brings: a manifest's own digest is another.
    func bundleDigest(of candidate: Candidate) -> ContentDigest? {
        guard candidate.header.kind == .manifest else { return candidate.header.digest }
        return (try? BundleManifest(json: payloads[candidate.header.transaction] ?? []))?.digest
    }
}
