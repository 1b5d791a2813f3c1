/// What an encoder expects of its input, as its bundle declares it. Plain values; `Preprocessing` acts on them.
package struct BundlePreprocessing: Sendable, Equatable {
    package enum Normalisation: Sendable, Equatable {
        /// (raw − center) / scale with an entry an input channel, from training.
        case fixed([ChannelScaling])
        /// Level and spread followed causally on each stream.
        case robust
    }

    package struct ChannelScaling: Sendable, Equatable {
        package var center: Double
        /// Positive.
        package var scale: Double

        package init(center: Double, scale: Double) {
            self.center = center
            self.scale = scale
        }
    }

    package var normalisation: Normalisation
    /// Normalised values are limited to ±clip.
    package var clip: Double
    /// Samples between two steps where the configuration names none; 1…patch.
    package var defaultHop: Int

    package init(normalisation: Normalisation, clip: Double, defaultHop: Int) {
        self.normalisation = normalisation
        self.clip = clip
        self.defaultHop = defaultHop
    }
}
