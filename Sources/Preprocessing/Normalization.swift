/// How a bundle wants its input normalised.
package enum Normalization: Sendable, Equatable {
    /// Causal and per stream; level and scale go to the learners beside the embedding.
    case robust(timeConstant: Double = 20_000, clip: Float = 8)
    /// Scales from training, one of each a channel.
    case fixed(levels: [Double], scales: [Double], clip: Float = 8)

    /// One normaliser a channel.
    package func makeNormalizers(channels: Int, holdLimit: Int) -> [Normalizer] {
        switch self {
        case .robust(let timeConstant, let clip):
            return Array(
                repeating: .robust(
                    RobustNormalizer(timeConstant: timeConstant, clip: clip, holdLimit: holdLimit)),
                count: channels)
        case .fixed(let levels, let scales, let clip):
            precondition(
                levels.count == channels && scales.count == channels,
                "\(levels.count) levels and \(scales.count) scales for \(channels) channels")
            return (0..<channels).map {
                .fixed(FixedNormalizer(level: levels[$0], scale: scales[$0], clip: clip, holdLimit: holdLimit))
            }
        }
    }
}
