import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The scorers of one channel: how unusual its level, its scale, its embedding and its raw samples are.
///
/// Three look at the step alone (*event* scores: level, embedding, window), four at the last ten or so (*state*
/// scores: those three and the scale). All are squared distances, about 1 on an ordinary step, since those have
/// exponential tails where the data are Gaussian. None is a probability: `EvidencePool` makes them comparable.
struct ChannelScorers: Sendable, Equatable {
    private let patch: Int
    private let embeddingSize: Int
    private var level: RunningMoments
    private var scale: RunningMoments
    private var embedding: StreamingSubspace
    private var windows: StreamingSubspace
    /// The embedding with level and log-scale of the patch appended.
    private(set) var feature: [Float]  // (E + 2, padded)
    /// The last patches, newest last.
    private var window: [Float]  // (lags · patch, padded)
    /// Exponential means of the four state scores' sources.
    private var smoothed = SIMD4<Double>(0, 0, 1, 1)
    private(set) var lastLevel = 0.0
    private(set) var lastLogScale = 0.0
    /// Level and log-scale of the present step in standard deviations, at most ±100.
    private(set) var standardised = SIMD2<Float>.zero
    private var lastScores = SIMD2<Float>(1, 1)

    /// Scores a channel gives: events first, then states.
    static let eventCount = 3
    static let stateCount = 4
    static let scoreCount = eventCount + stateCount
    /// Where among them the embedding's of the present step is.
    static let embeddingIndex = 1
    /// Patches that the raw window holds: 32 samples where a patch has 8 and steps do not overlap.
    private static let lags = 4
    /// Standard deviation, in normalised units, below which a patch counts as constant.
    private static let scaleFloor: Float = 0.02
    /// Weight of the newest step in the state scores: a mean over about ten.
    private static let smoothing = 2.0 / 11

    init(embeddingSize: Int, patch: Int, memory: Double) {
        self.patch = patch
        self.embeddingSize = embeddingSize
        level = RunningMoments(memory: memory, floor: 0.02)
        scale = RunningMoments(memory: memory, floor: 0.05)
        embedding = StreamingSubspace(dimension: embeddingSize + 2, rank: 8, memory: memory)
        windows = StreamingSubspace(dimension: Self.lags * patch, rank: 4, memory: memory)
        feature = Array(repeating: 0, count: VectorMath.padded(embeddingSize + 2))
        window = Array(repeating: 0, count: VectorMath.padded(Self.lags * patch))
    }

    /// Level and log-scale of the patch as the other learners see them.
    var levels: SIMD2<Float> { SIMD2(Float(lastLevel), Float(lastLogScale)) }

    /// The same over the last ten steps or so.
    var recentlyStandardised: SIMD2<Float> { SIMD2(Float(smoothed.x), Float(smoothed.y)) }

    /// The scores of one step: (level, embedding, window) now, then (level, scale, embedding, window) over the last
    /// ten; the eighth is 0. An input that is not finite, which the caller promises never to send, counts as 0.
    mutating func score(embedding values: Span<Float>, patch samples: Span<Float>) -> SIMD8<Float> {
        take(values, samples)
        let z = level.standardised(lastLevel)
        let zScale = scale.standardised(lastLogScale)
        lastScores.x = feature.withUnsafeBufferPointer { embedding.score($0.baseAddress!) }
        lastScores.y = window.withUnsafeBufferPointer { windows.score($0.baseAddress!) }
        let bounded = SIMD4(z, zScale, min(100, Double(lastScores.x)), min(100, Double(lastScores.y)))
        smoothed +=
            Self.smoothing
            * (bounded.clamped(lowerBound: SIMD4(repeating: -100), upperBound: SIMD4(repeating: 100)) - smoothed)
        standardised = SIMD2(Float(min(100, max(-100, z))), Float(min(100, max(-100, zScale))))
        // Means of ten neighbours: their variance lies between a tenth and all of one value's.
        return SIMD8(
            Float(z * z), lastScores.x, lastScores.y,
            Float(4 * smoothed.x * smoothed.x), Float(4 * smoothed.y * smoothed.y),
            Float(smoothed.z), Float(smoothed.w), 0)
    }

    /// Learns from the step that was scored last.
    mutating func learn() {
        level.learn(lastLevel)
        scale.learn(lastLogScale)
        feature.withUnsafeBufferPointer { embedding.learn($0.baseAddress!, score: lastScores.x) }
        window.withUnsafeBufferPointer { windows.learn($0.baseAddress!, score: lastScores.y) }
    }

    /// The encoder has another tail: what was learned of embeddings means nothing any more.
    mutating func forgetEmbeddings() {
        embedding = StreamingSubspace(
            dimension: embedding.dimension, rank: embedding.rank, memory: Double(embedding.memory))
    }

    /// Learns the embedding of a step from replay, and nothing else of it.
    mutating func relearn(embedding values: Span<Float>, patch samples: Span<Float>) {
        take(values, samples)
        feature.withUnsafeBufferPointer { feature in
            embedding.learn(feature.baseAddress!, score: embedding.score(feature.baseAddress!))
        }
    }

    /// Forgets the last steps, not what was learned: after a gap they are not neighbours any more.
    mutating func breakOff() {
        smoothed = SIMD4(0, 0, 1, 1)
    }

    private mutating func take(_ values: Span<Float>, _ samples: Span<Float>) {
        var sum: Float = 0
        let kept = (Self.lags - 1) * patch
        for index in 0..<kept { window[index] = window[index + patch] }
        for index in 0..<patch {
            let sample = Self.sane(samples[index])
            window[kept + index] = sample
            sum += sample
        }
        let mean = sum / Float(patch)
        var squares: Float = 0
        for index in 0..<patch {
            let difference = window[kept + index] - mean
            squares += difference * difference
        }
        lastLevel = Double(mean)
        lastLogScale = Double(log((squares / Float(patch)).squareRoot() + Self.scaleFloor))
        for index in 0..<embeddingSize { feature[index] = Self.sane(values[index]) }
        feature[embeddingSize] = Float(lastLevel)
        feature[embeddingSize + 1] = Float(lastLogScale)
    }

    private static func sane(_ value: Float) -> Float { value.isFinite ? min(1e4, max(-1e4, value)) : 0 }

    func write(to writer: inout SnapshotWriter) {
        level.write(to: &writer)
        scale.write(to: &writer)
        embedding.write(to: &writer)
        windows.write(to: &writer)
        writer.write(window)
        for index in 0..<4 { writer.write(smoothed[index]) }
    }

    mutating func read(from reader: inout SnapshotReader) throws(SnapshotError) {
        try level.read(from: &reader)
        try scale.read(from: &reader)
        try embedding.read(from: &reader)
        try windows.read(from: &reader)
        window = try reader.readFiniteFloats("window of samples", count: window.count)
        for index in 0..<4 { smoothed[index] = try reader.readFinite("smoothed score", in: -100...100) }
    }
}
