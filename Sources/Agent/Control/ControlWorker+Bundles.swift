import Control
import SedgeCore

/// Which bundles and payloads are still needed.
extension ControlWorker {
    /// The bundle that a candidate brings: a manifest's own digest is another.
    func bundleDigest(of candidate: Candidate) -> ContentDigest? {
        guard candidate.header.kind == .manifest else { return candidate.header.digest }
        return (try? BundleManifest(json: payloads[candidate.header.transaction] ?? []))?.digest
    }

    /// Something came to its end: what nothing names any more is forgotten.
    func settle() {
        let kept = Set(node.machines.values.flatMap(\.remembered).map(\.header.transaction))
        payloads = payloads.filter { kept.contains($0.key) }
        readyModels = readyModels.filter { kept.contains($0.key) }
        removeUnnamedBundles()
    }

    /// Bundles stay that are a scope's last good (even under a narrower scope's), on their way, or at work, and those
    /// that a stream of any layer names.
    func removeUnnamedBundles() {
        let layers = layered.current
        let models = node.machines[.model]?.remembered ?? []
        let layersToCome = (node.machines[.configuration]?.remembered ?? []).compactMap {
            payloads[$0.header.transaction].flatMap { try? ConfigurationLayers.read($0) }
        }
        var named = Set(models.compactMap(bundleDigest))
        if let bundle = layers.bundle { named.insert(bundle) }
        named.formUnion(layers.file.streams.compactMap { $0.bundle.flatMap(ContentDigest.init) })
        for document in layersToCome + layers.remote.values { named.formUnion(document.streamBundles) }
        folder.remove(but: named)
    }
}

extension JSONDocument {
    /// Digests that `bundle` of this layer's streams names.
    fileprivate var streamBundles: [ContentDigest] {
        guard case .object(let members) = self, case .array(let streams)? = members["stream"] else { return [] }
        return streams.compactMap { stream in
            guard case .object(let settings) = stream, case .string(let name)? = settings["bundle"] else { return nil }
            return ContentDigest(name)
        }
    }
}
