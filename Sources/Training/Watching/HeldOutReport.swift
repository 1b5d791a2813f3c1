package import Learning

/// How well an encoder and its heads do on signals that training never saw, beside what costs nothing.
package struct HeldOutReport: Sendable, Equatable {
    /// Mean Huber losses (δ = 1) in normalised units; smaller is better.
    package struct Row: Sendable, Equatable {
        package var model: Double
        /// The newest sample as the encoder saw it stands for every target.
        package var lastValue: Double
        /// The mean of the last samples as the encoder saw them stands for every target.
        package var mean: Double

        /// Share of the better trivial answer's loss that the model takes away; 0 where there is none to take.
        package var gain: Double {
            let trivial = min(lastValue, mean)
            return trivial > 0 ? 1 - model / trivial : 0
        }
    }

    /// The pretext loss that training minimises.
    package var loss: Double
    /// Blanked samples of the recent past.
    package var masked: Row
    /// The next samples.
    package var near: Row
    /// The means of the windows beyond.
    package var far: Row
    /// exp of the entropy of the embeddings' spectrum; of at most `dimensions`.
    package var effectiveRank: Double
    package var dimensions: Int
    /// Alignment and uniformity; nil where there are no two moments to compare.
    package var geometry: EmbeddingGeometry?

    /// All embeddings are nearly one, or lie on a line: nothing can be learned from them.
    package var isCollapsed: Bool { effectiveRank < min(1.5, Double(dimensions)) }

    /// What early stopping goes by; smaller is better. What people want of an embedding are their labels, where there
    /// are some; a collapsed one is never the best, however small its loss.
    ///
    /// - Parameter probe: accuracy of a reader of the labels, 0 to 1.
    package func verdict(probe: Double?) -> Double { isCollapsed ? .nan : probe.map { 1 - $0 } ?? loss }
}
