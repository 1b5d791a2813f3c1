#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What a step looks like to the learners that people teach: one vector of embeddings, levels and log-scales.
///
/// Up to `separateChannels` channels stand one after the other, (E embeddings, level, log-scale) each. Of more, the mean
/// and the greatest value over channels are taken instead, so that the vector stays short.
package struct StepFeatures: Sendable, Equatable {
    package let dimension: Int
    private let channels: Int
    private let embeddingSize: Int
    private let patch: Int
    /// (dimension), then zeros up to a multiple of eight.
    package private(set) var vector: [Float]

    package static let separateChannels = 8
    /// Standard deviation, in normalised units, below which a patch counts as constant.
    private static let scaleFloor: Float = 0.02
    /// No value is beyond: a wild one must not outweigh all others.
    private static let limit: Float = 1e3

    package init(channels: Int, embeddingSize: Int, patch: Int) {
        self.channels = channels
        self.embeddingSize = embeddingSize
        self.patch = patch
        dimension = (channels <= Self.separateChannels ? channels : 2) * (embeddingSize + 2)
        vector = Array(repeating: 0, count: VectorMath.padded(dimension))
    }

    /// - Parameters:
    ///   - embeddings: (channels, E).
    ///   - patches: (channels, patch), normalised.
    package mutating func take(embeddings: Span<Float>, patches: Span<Float>) {
        let isSeparate = channels <= Self.separateChannels
        let width = embeddingSize + 2
        for channel in 0..<channels {
            for index in 0..<width {
                let value =
                    index < embeddingSize
                    ? Self.sane(embeddings[channel * embeddingSize + index])
                    : index == embeddingSize ? level(patches, channel) : logScale(patches, channel)
                if isSeparate {
                    vector[channel * width + index] = value
                } else if channel == 0 {
                    vector[index] = value / Float(channels)
                    vector[width + index] = value
                } else {
                    vector[index] += value / Float(channels)
                    vector[width + index] = max(vector[width + index], value)
                }
            }
        }
    }

    private func level(_ patches: Span<Float>, _ channel: Int) -> Float {
        var sum: Float = 0
        for index in 0..<patch { sum += Self.sane(patches[channel * patch + index]) }
        return sum / Float(patch)
    }

    private func logScale(_ patches: Span<Float>, _ channel: Int) -> Float {
        let mean = level(patches, channel)
        var squares: Float = 0
        for index in 0..<patch {
            let difference = Self.sane(patches[channel * patch + index]) - mean
            squares += difference * difference
        }
        return log((squares / Float(patch)).squareRoot() + Self.scaleFloor)
    }

    private static func sane(_ value: Float) -> Float { value.isFinite ? min(limit, max(-limit, value)) : 0 }
}
