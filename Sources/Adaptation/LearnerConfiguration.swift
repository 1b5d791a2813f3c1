/// What a learner has to know of its stream; it can not change during the stream's life.
package struct LearnerConfiguration: Sendable, Equatable {
    package var channels: Int
    /// Values in one lane's embedding, E.
    package var embeddingSize: Int
    /// Samples in one patch, p.
    package var patch: Int
    /// Samples that are new in a step, 1 to the patch.
    package var hop: Int
    /// Event time from one step to the next, in seconds; the caller's estimate where it is not configured.
    package var stepSeconds: Double
    /// False alarms to expect of a stream that only repeats itself: the one knob that people set.
    package var alarmsPerWeek: Double
    /// For every random choice of the stream's learners. Those of today make none.
    package var seed: UInt64

    /// - Parameter hop: nil: the whole patch.
    package init(
        channels: Int, embeddingSize: Int, patch: Int, hop: Int? = nil, stepSeconds: Double, alarmsPerWeek: Double,
        seed: UInt64
    ) {
        self.channels = channels
        self.embeddingSize = embeddingSize
        self.patch = patch
        self.hop = hop ?? patch
        self.stepSeconds = stepSeconds
        self.alarmsPerWeek = alarmsPerWeek
        self.seed = seed
    }
}
