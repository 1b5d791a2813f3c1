import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The scorers of one channel: how unusual its level, its raw samples and its embedding are.
///
/// *Event* scores look at the present: the level now and over the last ten steps or so, against everything that ever
/// was. *State* scores leave out what was suspicious: lasting ones look at the last fifty steps or so of level, raw
/// window, forecast error and embedding, brief ones at the last ten of window and forecast error. All are squared
/// distances, about 1 on an ordinary step, since those have exponential tails where the data are Gaussian. None is a
/// probability: `EvidencePool` makes them comparable.
struct ChannelScorers: Sendable, Equatable {
    private let patch: Int
    private let hop: Int
    private let embeddingSize: Int
    private var level: RunningMoments
    private var scale: RunningMoments
    private var embedding: MicroClusters
    private var windows: StreamingSubspace
    private var forecast: AutoregressiveModel
    /// The embedding of the present step.
    private(set) var feature: [Float]  // (E, padded)
    /// The last samples, newest last; the first eight are there for the forecast alone.
    private var window: [Float]  // (margin + span, padded)
    /// Means over ten steps or so: distance from the slow level, standardised level and scale of the patch.
    private var recent = SIMD4<Double>.zero
    /// Means over fifty steps or so: distance from the slow level, window, forecast and embedding score.
    private var lasting = SIMD4<Double>.zero
    /// Means over ten steps or so: window and forecast.
    private var brief = SIMD2<Double>.zero
    private(set) var lastLevel = 0.0
    private(set) var lastLogScale = 0.0
    /// Level and log-scale of the present step in standard deviations, at most ±100.
    private(set) var standardised = SIMD2<Float>.zero
    private var lastScores = SIMD2<Float>(1, 1)

    /// Scores a channel gives: events first, then states over fifty steps, states over ten, and one that only
    /// `DriftMonitor` uses.
    static let eventCount = 2
    static let lastingCount = 4
    static let briefCount = 2
    static let scoreCount = eventCount + lastingCount + briefCount + 1
    static let lastingStart = eventCount
    static let briefStart = lastingStart + lastingCount
    /// Where among them the embedding's over the last fifty steps is: the last of its kind.
    static let lastingEmbeddingIndex = briefStart - 1
    /// Where the embedding's of the present step is.
    static let embeddingIndex = scoreCount - 1
    /// Samples of the raw window.
    private static let span = 32
    private static let margin = AutoregressiveModel.order
    /// Standard deviation, in normalised units, below which a patch counts as constant.
    private static let scaleFloor: Float = 0.02
    /// Weight of the newest step in means over about ten and fifty.
    private static let recentWeight = 2.0 / 11
    private static let lastingWeight = 2.0 / 51
    /// No step counts for more in a mean.
    private static let ceiling = 100.0
    /// Means of ordinary distances, which scores begin with.
    private static let ordinary = SIMD4<Double>(0, 1, 1, 1)

    init(embeddingSize: Int, patch: Int, hop: Int, memory: Double) {
        precondition((1...patch).contains(hop), "hop \(hop) is not in 1…\(patch), the patch")
        self.patch = patch
        self.hop = hop
        self.embeddingSize = embeddingSize
        level = RunningMoments(memory: memory, floor: 0.02)
        scale = RunningMoments(memory: memory, floor: 0.05)
        embedding = MicroClusters(dimension: embeddingSize, memory: memory)
        windows = StreamingSubspace(dimension: Self.span, rank: 8, memory: memory)
        forecast = AutoregressiveModel(memory: memory)
        feature = Array(repeating: 0, count: VectorMath.padded(embeddingSize))
        window = Array(repeating: 0, count: VectorMath.padded(Self.margin + max(Self.span, patch)))
        (lasting, brief) = (Self.ordinary, SIMD2(1, 1))
    }

    /// Level and log-scale of the patch as the other learners see them.
    var levels: SIMD2<Float> { SIMD2(Float(lastLevel), Float(lastLogScale)) }

    /// Standardised level and log-scale over the last ten steps or so.
    var recentlyStandardised: SIMD2<Float> { SIMD2(Float(recent.y), Float(recent.z)) }

    /// The scores of one step, as many as `scoreCount`. An input that is not finite, which the caller promises never
    /// to send, counts as 0.
    ///
    /// - Parameter distance: of the newest samples from the channel's slow level, in its standard deviations.
    mutating func score(embedding values: Span<Float>, patch samples: Span<Float>, distance: Float) -> SIMD16<Float> {
        take(values, samples)
        let z = level.standardised(lastLevel)
        let zScale = scale.standardised(lastLogScale)
        let furthest = distance.isFinite ? Double(distance) : 0
        lastScores.x = feature.withUnsafeBufferPointer { embedding.score($0.baseAddress!) }
        lastScores.y = window.withUnsafeBufferPointer { windows.score($0.baseAddress! + windowStart) }
        var error = 0.0
        for sample in (window.count - hop)..<window.count {
            error += min(Self.ceiling, forecast.score(window, at: sample)) / Double(hop)
        }
        let limits = SIMD4<Double>(repeating: Self.ceiling)
        let now = SIMD4(furthest, z, zScale, 0).clamped(lowerBound: -limits, upperBound: limits)
        recent += Self.recentWeight * (now - recent)
        let present = SIMD4(furthest, Double(lastScores.y), error, Double(lastScores.x))
            .clamped(lowerBound: -limits, upperBound: limits)
        lasting += Self.lastingWeight * (present - lasting)
        brief += Self.recentWeight * (SIMD2(present.y, present.z) - brief)
        standardised = SIMD2(
            Float(min(Self.ceiling, max(-Self.ceiling, z))), Float(min(Self.ceiling, max(-Self.ceiling, zScale))))
        // The variance of a mean of neighbours lies between its share of one value's and all of it.
        var scores = SIMD16<Float>.zero
        scores.lowHalf = SIMD8(
            Float(furthest * furthest), Float(4 * recent.x * recent.x), Float(8 * lasting.x * lasting.x),
            Float(lasting.y), Float(lasting.z), Float(lasting.w), Float(brief.x), Float(brief.y))
        scores[Self.embeddingIndex] = lastScores.x
        return scores
    }

    /// Learns from the step that was scored last.
    mutating func learn() {
        level.learn(lastLevel)
        scale.learn(lastLogScale)
        feature.withUnsafeBufferPointer { embedding.learn($0.baseAddress!) }
        window.withUnsafeBufferPointer { windows.learn($0.baseAddress! + windowStart, score: lastScores.y) }
        for sample in (window.count - hop)..<window.count { forecast.learn(window, at: sample) }
    }

    /// The encoder has another tail: what was learned of embeddings means nothing any more.
    mutating func forgetEmbeddings() {
        embedding = MicroClusters(dimension: embedding.dimension, memory: Double(embedding.memory))
    }

    /// Learns the embedding of a step from replay, and nothing else of it.
    mutating func relearn(embedding values: Span<Float>, patch samples: Span<Float>) {
        take(values, samples)
        feature.withUnsafeBufferPointer { feature in
            _ = embedding.score(feature.baseAddress!)
            embedding.learn(feature.baseAddress!)
        }
    }

    /// Forgets the last steps, not what was learned: after a gap they are not neighbours any more.
    mutating func breakOff() {
        recent = .zero
        (lasting, brief) = (Self.ordinary, SIMD2(1, 1))
    }

    private var windowStart: Int { window.count - Self.span }

    private mutating func take(_ values: Span<Float>, _ samples: Span<Float>) {
        let kept = window.count - hop
        for index in 0..<kept { window[index] = window[index + hop] }
        for index in 0..<hop { window[kept + index] = Self.sane(samples[patch - hop + index]) }
        var sum: Float = 0
        for index in 0..<patch { sum += Self.sane(samples[index]) }
        let mean = sum / Float(patch)
        var squares: Float = 0
        for index in 0..<patch {
            let difference = Self.sane(samples[index]) - mean
            squares += difference * difference
        }
        lastLevel = Double(mean)
        lastLogScale = Double(log((squares / Float(patch)).squareRoot() + Self.scaleFloor))
        for index in 0..<embeddingSize { feature[index] = Self.sane(values[index]) }
    }

    private static func sane(_ value: Float) -> Float { value.isFinite ? min(1e4, max(-1e4, value)) : 0 }

    func write(to writer: inout SnapshotWriter) {
        level.write(to: &writer)
        scale.write(to: &writer)
        embedding.write(to: &writer)
        windows.write(to: &writer)
        forecast.write(to: &writer)
        writer.write(window)
        for index in 0..<4 { writer.write(recent[index]) }
        for index in 0..<4 { writer.write(lasting[index]) }
        for index in 0..<2 { writer.write(brief[index]) }
    }

    mutating func read(from reader: inout SnapshotReader) throws(SnapshotError) {
        try level.read(from: &reader)
        try scale.read(from: &reader)
        try embedding.read(from: &reader)
        try windows.read(from: &reader)
        try forecast.read(from: &reader)
        window = try reader.readFiniteFloats("window of samples", count: window.count)
        for index in 0..<4 { recent[index] = try reader.readFinite("recent score", in: -100...100) }
        for index in 0..<4 { lasting[index] = try reader.readFinite("lasting score", in: -100...100) }
        for index in 0..<2 { brief[index] = try reader.readFinite("brief score", in: -100...100) }
    }
}
