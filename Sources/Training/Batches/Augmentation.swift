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
    package var foreignShare = 0.0

    package init() {}

    /// Whether every value can be used.
    var isPossible: Bool {
        (1...100).contains(scale) && (0...10).contains(jitter) && (1...100_000).contains(longestMask)
            && [jitterShare, maskShare, dropShare, foreignShare].allSatisfy { (0...1).contains($0) }
    }
}
