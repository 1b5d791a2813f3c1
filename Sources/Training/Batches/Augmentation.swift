/// How much two views of one crop may differ: what the embedding learns not to care about.
package struct Augmentation: Sendable, Equatable, Codable {
    /// Largest factor on a view, its inverse the smallest.
    package var scale = 1.25
    /// Noise on a view: its largest deviation in normalised units, and the share of views that have any.
    package var jitter = 0.08
    package var jitterShare = 0.5
    /// Share of views with blanked spans, and the longest of them in samples; about a seventh of such a view is blank.
    package var maskShare = 0.8
    package var longestMask = 24
    /// Share of channels that a view of several channels lacks altogether, as if the sensor were off.
    package var dropShare = 0.1
    /// Share of series that are shown as a normaliser shows them that learned another regime: the same gain of 1/4 to 4
    /// and the same offset for both views.
    package var foreignShare = 0.25

    package init() {}

    /// Whether every value can be used.
    package var isPossible: Bool {
        (1...100).contains(scale) && (0...10).contains(jitter) && (1...100_000).contains(longestMask)
            && [jitterShare, maskShare, dropShare, foreignShare].allSatisfy { (0...1).contains($0) }
    }

    /// Names as on the command line.
    package static var names: [Named] {
        [
            Named(name: "scale", get: { $0.scale }, set: { $0.scale = $1 }),
            Named(name: "jitter", get: { $0.jitter }, set: { $0.jitter = $1 }),
            Named(name: "jitter-share", get: { $0.jitterShare }, set: { $0.jitterShare = $1 }),
            Named(name: "mask-share", get: { $0.maskShare }, set: { $0.maskShare = $1 }),
            Named(
                name: "longest-mask", get: { Double($0.longestMask) },
                set: { $0.longestMask = Int(exactly: $1.rounded()) ?? 0 }),
            Named(name: "drop-share", get: { $0.dropShare }, set: { $0.dropShare = $1 }),
            Named(name: "foreign-share", get: { $0.foreignShare }, set: { $0.foreignShare = $1 }),
        ]
    }

    package struct Named: Sendable {
        package let name: String
        package let get: @Sendable (Augmentation) -> Double
        package let set: @Sendable (inout Augmentation, Double) -> Void
    }
}
