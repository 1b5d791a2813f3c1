import Control

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

    /// Whether it is to be told how far it is: once a second, while parts come.
    mutating func isReportDue(_ now: Int64) -> Bool {
        if let reported, now - reported.time < 1_000_000_000 || reported.count == present.count { return false }
        reported = (now, present.count)
        return true
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
