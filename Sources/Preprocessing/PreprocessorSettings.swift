/// How one stream is preprocessed. Impossible values are a programmer's mistake: the configuration refuses them first.
package struct PreprocessorSettings: Sendable, Equatable {
    package let channels: Int
    /// Samples a second of the uniform grid; nil: every row is a sample as it comes.
    package let rateHz: Double?
    /// Samples between steps, 1…patch.
    package let hop: Int
    /// Samples a step sees.
    package let patch: Int
    /// How long a row waits for earlier ones, in seconds of event time or of arrival, whichever passes first.
    package let reorderWindow: Double
    /// How far a row's time may lie after its arrival, in seconds.
    package let futureTolerance: Double
    /// Periods without a measurement that are bridged. A row more than this after the last is a gap.
    package let maxGap: Int
    package let normalization: Normalization
    /// Raw samples kept as the context of insights.
    package let recentSamples: Int

    /// - Parameter reorderWindow: by default two periods, 2 s at most; 0.2 s without a rate.
    package init(
        channels: Int, rateHz: Double? = nil, hop: Int, patch: Int, reorderWindow: Double? = nil,
        futureTolerance: Double = 60, maxGap: Int = 8, normalization: Normalization = .robust(),
        recentSamples: Int = 64
    ) {
        precondition(channels > 0, "\(channels) channels")
        precondition(rateHz.map { (1e-6...1e6).contains($0) } ?? true, "rate of \(rateHz ?? 0) Hz")
        precondition(patch > 0 && (1...patch).contains(hop), "hop \(hop) is not in 1…\(patch), the patch")
        let window = reorderWindow ?? rateHz.map { min(2, 2 / $0) } ?? 0.2
        precondition((0...3600).contains(window), "reorder window of \(window) s")
        precondition((0...1e6).contains(futureTolerance), "future tolerance of \(futureTolerance) s")
        precondition((1...1_000_000).contains(maxGap), "gap limit of \(maxGap) periods")
        precondition(recentSamples >= 0, "\(recentSamples) recent samples")
        self.channels = channels
        self.rateHz = rateHz
        self.hop = hop
        self.patch = patch
        self.reorderWindow = window
        self.futureTolerance = futureTolerance
        self.maxGap = maxGap
        self.normalization = normalization
        self.recentSamples = recentSamples
    }
}
