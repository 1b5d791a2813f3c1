/// The numbers of tier 2: one set for all streams.
package struct Tier2Settings: Sendable, Equatable {
    // What is kept.
    /// Steps of one segment.
    package var segmentSteps = 24
    /// Steps from the end of one segment to the earliest beginning of the next, once there are `leastSegments`.
    package var segmentGap = 72
    /// Steps for which a finished segment is held back: an alarm that starts meanwhile takes it away.
    package var quarantineSteps = 128
    /// Segments of a stream, and of all streams together.
    package var segmentsPerStream = 256
    package var segmentsPerNode = 4096

    // When it is trained.
    /// Segments that a round needs.
    package var leastSegments = 48
    /// Steps of a stream between two rounds; twice as many after each round that came to nothing, up to 16 times.
    package var roundSteps = 4000

    // How it is trained.
    package var trainingSteps = 160
    /// Segments of a batch.
    package var batchSegments = 16
    package var peakRate: Float = 1e-3
    /// How far each layer may go from the bundle's, as a share of its norm.
    package var change: Float = 0.35
    /// One segment in so many is held out.
    package var heldOutStride = 4

    // When it is better.
    /// The share by which the held-out pretext loss must fall.
    package var margin = 0.02
    /// The share by which the predictions' part of it may rise.
    package var predictionTolerance = 0.05
    /// The same where held-out labels are read better by two points at least: what people asked for may cost something.
    package var labelledTolerance = 0.1
    /// The share of the targets' variance that the embedding must explain, or the replay makes no sense.
    package var leastExplained = 0.05
    /// The least rank correlation of anomaly scores before and after.
    package var leastStability = 0.5
    /// Labelled rows that a supervised term needs, in two classes at least.
    package var leastLabelled = 48

    // What follows.
    /// Steps for which a candidate is watched before its scores are shown, and how often that is repeated while its
    /// calibration has not settled.
    package var probationSteps = 512
    package var probations = 4
    /// Steps after which the adapted scores are compared with the frozen ones, again and again.
    package var watchSteps = 1024

    package init() {}

    /// Segments that each of so many streams may keep.
    package func quota(streams: Int) -> Int {
        max(16, min(segmentsPerStream, segmentsPerNode / max(1, streams)))
    }
}
