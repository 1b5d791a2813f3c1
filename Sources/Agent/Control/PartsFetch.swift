import Control
import Logging
import SedgeCore

/// A bundle on its way in parts.
struct PartsFetch {
    let candidate: Candidate
    let manifest: BundleManifest
    /// Numbers of the parts that are there.
    private(set) var present: Set<Int>
    private var reported: (time: Int64, count: Int)?
    /// Since when nothing came, and for how long that is borne.
    private var silence: (since: Int64, count: Int, limit: Int64)?

    /// Doubled with every vain attempt: a bundle is large, and the line may be narrow.
    static let patience: (first: Int64, longest: Int64) = (15_000_000_000, 3_600_000_000_000)

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

    /// Whether parts have to be asked for anew: some may have come before their manifest, or found no room.
    mutating func isStalled(_ now: Int64) -> Bool {
        guard let silence, silence.count == present.count else {
            silence = (now, present.count, Self.patience.first)
            return false
        }
        guard now - silence.since >= silence.limit else { return false }
        self.silence = (now, present.count, min(silence.limit * 2, Self.patience.longest))
        return true
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
            // The broker sends what it retains to a new subscription. There may be one already, of a fetch that did
            // not come to its end, and what it brought was not known for parts of this bundle.
            subscribe(asksAnew: true)
            return []
        } catch {
            return fetched(candidate, problem: "\(error)")
        }
    }

    /// Tells how far it is, and asks again when nothing comes.
    func tendFetch(_ now: Int64) {
        guard let current = fetch else { return }
        // Another one may have taken its place.
        guard node.machines[.model]?.candidate?.header == current.candidate.header else {
            fetch = nil
            return subscribe()
        }
        fetch?.reportIfDue(now) { progress, candidate in reportProgress(progress, candidate) }
        guard fetch?.isStalled(now) == true else { return }
        log.notice("parts of a bundle do not come, asking for them anew", metadata: ["progress": "\(current.progress)"])
        subscribe(asksAnew: true)
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
