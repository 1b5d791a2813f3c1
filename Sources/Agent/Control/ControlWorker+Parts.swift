import Control
import Logging
import SedgeCore

/// Bundles that come in parts: each scope's by itself, so that one that never comes to its end keeps no other from its.
extension ControlWorker {
    /// Begins, or goes on after a restart: parts that lie here need not come again.
    func startFetch(_ candidate: Candidate) -> [ControlNode.Action] {
        do {
            let manifest = try BundleManifest(json: payloads[candidate.header.transaction] ?? [])
            let scope = candidate.header.scope
            if folder.read(manifest.digest) != nil { return fetched(candidate, problem: nil) }
            let fetch = PartsFetch(candidate: candidate, manifest: manifest, present: folder.parts(of: manifest))
            fetches[scope] = fetch
            if fetch.isComplete { return assemble(fetch) }
            // The broker sends what it retains to a new subscription. There may be one already, of a fetch that did
            // not come to its end, and what it brought was not known for parts of this bundle.
            subscribe(anew: scope)
            return []
        } catch {
            return fetched(candidate, problem: "\(error)")
        }
    }

    /// Tells how far they are, and asks again where nothing comes.
    func tendFetches(_ now: Int64) {
        for scope in fetches.keys {
            guard let current = wanted(scope) else { continue }
            if fetches[scope]?.isReportDue(now) == true { reportProgress(of: current) }
            guard fetches[scope]?.isStalled(now) == true else { continue }
            log.notice(
                "parts of a bundle do not come, asking for them anew",
                metadata: ["target": "\(scope)", "progress": "\(current.progress)"])
            reportProgress(of: current, reason: "its parts do not come; they are asked for again")
            subscribe(anew: scope)
        }
    }

    func take(part: [UInt8], _ number: Int, _ scope: EnvelopeScope) {
        guard let current = wanted(scope), fetches[scope]?.takes(part, number: number) == true else { return }
        do throws(FileError) {
            try folder.keep(part, number: number, of: current.manifest)
            if let fetch = fetches[scope], fetch.isComplete { perform(assemble(fetch)) }
        } catch {
            perform(fetched(current.candidate, problem: "a part could not be kept: \(error)"))
        }
    }

    /// The fetch of a scope. It ends where another one has taken its place, or the node has left the scope.
    private func wanted(_ scope: EnvelopeScope) -> PartsFetch? {
        guard let fetch = fetches[scope] else { return nil }
        if node.machines[.model]?.fetching[scope]?.header == fetch.candidate.header { return fetch }
        fetches[scope] = nil
        subscribe()
        return nil
    }

    private func assemble(_ fetch: PartsFetch) -> [ControlNode.Action] {
        do throws(FileError) {
            let isWhole = try folder.assemble(fetch.manifest) != nil
            return fetched(fetch.candidate, problem: isWhole ? nil : "the parts do not make the bundle")
        } catch {
            return fetched(fetch.candidate, problem: "the bundle could not be kept: \(error)")
        }
    }

    private func fetched(_ candidate: Candidate, problem: String?) -> [ControlNode.Action] {
        let header = candidate.header
        if fetches.removeValue(forKey: header.scope) != nil { subscribe() }
        return node.drive(.model) { $0.fetched(header.scope, version: header.version, problem: problem) }
    }
}
