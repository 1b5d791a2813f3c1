import Control
import SedgeCore

/// A bundle on its way in parts.
struct PartsFetch {
    let candidate: Candidate
    let manifest: BundleManifest
    /// Numbers of the parts that are there.
    private(set) var present: Set<Int>
    private var reported: (time: Int64, count: Int)?

    init(candidate: Candidate, manifest: BundleManifest, present: Set<Int>) {
        self.candidate = candidate
        self.manifest = manifest
        self.present = present
    }

    var isComplete: Bool { present.count == manifest.parts.count }
    var progress: Double { Double(present.count) / Double(manifest.parts.count) }

    /// Whether it is a part that was missing.
    mutating func takes(_ part: [UInt8], number: Int) -> Bool {
        guard !present.contains(number), manifest.isPart(number, part) else { return false }
        present.insert(number)
        return true
    }

    /// Once a second, while parts come.
    mutating func reportIfDue(_ now: Int64, _ report: (Double, Candidate) -> Void) {
        if let reported, now - reported.time < 1_000_000_000 || reported.count == present.count { return }
        reported = (now, present.count)
        report(progress, candidate)
    }
}

extension ControlWorker {
    /// Begins, or goes on after a restart: parts that lie here need not come again.
    func startFetch(_ candidate: Candidate) -> [ControlNode.Action] {
        do {
            let manifest = try BundleManifest(json: payloads[candidate.header.transaction] ?? [])
            if folder.read(manifest.digest) != nil { return fetched(candidate, problem: problem(inBundle: candidate)) }
            folder.forgetParts(but: manifest)
            fetch = PartsFetch(candidate: candidate, manifest: manifest, present: folder.parts(of: manifest))
            if fetch?.isComplete == true { return assemble() }
            // The broker sends what it retains to a new subscription.
            subscribe()
            return []
        } catch {
            return fetched(candidate, problem: "\(error)")
        }
    }

    func take(part: [UInt8], _ number: Int, _ scope: EnvelopeScope) {
        guard let current = fetch, current.candidate.header.scope == scope else { return }
        // Another one may have taken its place.
        guard node.machines[.model]?.candidate?.header == current.candidate.header else {
            fetch = nil
            return subscribe()
        }
        guard fetch?.takes(part, number: number) == true else { return }
        do throws(FileError) {
            try folder.keep(part, number: number, of: current.manifest)
            if fetch?.isComplete == true { perform(assemble()) }
        } catch {
            perform(fetched(current.candidate, problem: "a part could not be kept: \(error)"))
        }
    }

    private func assemble() -> [ControlNode.Action] {
        guard let current = fetch else { return [] }
        do throws(FileError) {
            guard try folder.assemble(current.manifest) != nil else {
                return fetched(current.candidate, problem: "the parts do not make the bundle")
            }
            return fetched(current.candidate, problem: problem(inBundle: current.candidate))
        } catch {
            return fetched(current.candidate, problem: "the bundle could not be kept: \(error)")
        }
    }

    private func fetched(_ candidate: Candidate, problem: String?) -> [ControlNode.Action] {
        let wasSubscribed = fetch != nil
        fetch = nil
        if wasSubscribed { subscribe() }
        return node.drive(.model) { $0.validated(problem: problem) }
    }
}
