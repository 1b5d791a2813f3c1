package import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Forecasts the level of each channel over several horizons, from its embedding and its recent levels.
///
/// The level is a step's mean, normalised. What is learned is its change from now, so that a head that knows nothing
/// says that all stays as it is. All horizons share one regression: a step is learned once its farthest target has come,
/// so the update of the covariance is paid once. The spread comes from the errors of the very forecasts that were made.
package struct Forecaster: Sendable, Equatable {
    /// In steps.
    package static let horizons = [1, 4, 16, 64]
    /// Of `horizons`, the one that stands for all where only one number has room.
    package static let main = 2

    /// One channel's forecast; a value for each horizon, in normalised units.
    package struct Levels: Sendable, Equatable {
        package var lower: [Double]
        package var median: [Double]
        package var upper: [Double]
    }

    private let channels: Int
    private let embeddingSize: Int
    private let patch: Int
    private let dimension: Int
    private var heads: [RecursiveLeastSquares]  // (channels)
    private var errors: [QuantileTracker]  // (channels, horizons)
    /// The last steps, a ring of `reach`; its oldest is at `next` once full.
    private var inputs: [Double]  // (reach, channels, dimension)
    private var levels: [Double]  // (reach, channels)
    private var made: [Double]  // (reach, channels, horizons)
    private var next = 0
    private var count = 0
    private var pace: StepPace
    private var wasMuted = false

    private static let reach = 65
    private static let ridge = 10.0
    private static let memory = 20_000.0
    /// Forecasts are told after so many learned steps.
    package static let learningSteps = 256
    /// A gap of so many steps breaks off.
    private static let gapSteps = 4.0
    /// Normalised values are clipped at 8.
    private static let levelLimit = 16.0
    private static let format: UInt32 = 0x464F_0001

    package init(channels: Int, embeddingSize: Int, patch: Int, stepSeconds: Double) {
        self.channels = channels
        self.embeddingSize = embeddingSize
        self.patch = patch
        pace = StepPace(stepSeconds: stepSeconds)
        // Embedding, level, its last two changes, log-scale, one.
        dimension = embeddingSize + 5
        let horizons = Self.horizons.count
        let head = RecursiveLeastSquares(
            dimension: dimension, targets: horizons, ridge: Self.ridge, memory: Self.memory)
        heads = Array(repeating: head, count: channels)
        errors = Array(repeating: QuantileTracker(), count: channels * horizons)
        inputs = Array(repeating: 0, count: Self.reach * channels * dimension)
        levels = Array(repeating: 0, count: Self.reach * channels)
        made = Array(repeating: 0, count: Self.reach * channels * horizons)
    }

    /// Whether forecasts mean something yet.
    package var isReady: Bool { heads[0].count >= Self.learningSteps }
    /// Steps learned.
    package var learned: Int { heads[0].count }

    /// Seconds from now to each horizon.
    package var horizonSeconds: [Double] { Self.horizons.map { Double($0) * pace.current } }

    /// Takes in one step and says what comes, for each channel; nil while too little is learned.
    ///
    /// - Parameters:
    ///   - embeddings: (channels, E).
    ///   - patches: (channels, patch), normalised.
    ///   - learns: false where nothing is to be learned.
    ///   - isMuted: in a maintenance window, of which later steps learn nothing either.
    package mutating func observe(
        time: Timestamp, embeddings: Span<Float>, patches: Span<Float>, learns: Bool, isMuted: Bool = false
    ) -> [Levels]? {
        let isAfterGap = pace.isAfterGap(time, of: Self.gapSteps)
        if isAfterGap || wasMuted && !isMuted { (count, next) = (0, 0) }
        wasMuted = isMuted
        let place = next
        next = (next + 1) % Self.reach
        for channel in 0..<channels { take(embeddings, patches, channel, place) }
        count = min(count + 1, Self.reach)
        var forecasts: [Levels] = []
        for channel in 0..<channels {
            if learns { judge(channel, place) }
            if learns, count == Self.reach { learn(channel) }
            forecasts.append(foresee(channel, place))
        }
        return isReady && count > 2 ? forecasts : nil
    }

    /// Place of the step `ago` steps before the one at `place`.
    private func place(_ place: Int, before ago: Int) -> Int { (place + Self.reach - ago) % Self.reach }

    private mutating func take(_ embeddings: Span<Float>, _ patches: Span<Float>, _ channel: Int, _ place: Int) {
        var (sum, squares) = (0.0, 0.0)
        for index in 0..<patch {
            let value = Self.sane(patches[channel * patch + index])
            sum += value
            squares += value * value
        }
        let level = sum / Double(patch)
        let deviation = max(0, squares / Double(patch) - level * level).squareRoot()
        func past(_ ago: Int) -> Double {
            count >= ago ? levels[self.place(place, before: ago) * channels + channel] : level
        }
        let start = (place * channels + channel) * dimension
        for index in 0..<embeddingSize {
            inputs[start + index] = Self.sane(embeddings[channel * embeddingSize + index])
        }
        inputs[start + embeddingSize] = level
        inputs[start + embeddingSize + 1] = level - past(1)
        inputs[start + embeddingSize + 2] = past(1) - past(2)
        inputs[start + embeddingSize + 3] = log(deviation + 0.02)
        inputs[start + embeddingSize + 4] = 1
        levels[place * channels + channel] = level
    }

    /// Compares what has come with what was said of it.
    private mutating func judge(_ channel: Int, _ place: Int) {
        let horizons = Self.horizons
        for (index, horizon) in horizons.enumerated() where count > horizon {
            let then = self.place(place, before: horizon) * channels + channel
            let error = levels[place * channels + channel] - levels[then] - made[then * horizons.count + index]
            if isReady { errors[channel * horizons.count + index].observe(error) }
        }
    }

    /// Learns the oldest step, all of whose targets are there now.
    private mutating func learn(_ channel: Int) {
        let oldest = next * channels + channel
        let targets = Self.horizons.map { horizon in
            levels[(next + horizon) % Self.reach * channels + channel] - levels[oldest]
        }
        inputs.withUnsafeBufferPointer { heads[channel].observe($0.baseAddress! + oldest * dimension, targets) }
    }

    private mutating func foresee(_ channel: Int, _ place: Int) -> Levels {
        let now = place * channels + channel
        var result = Levels(lower: [], median: [], upper: [])
        for index in Self.horizons.indices {
            let change = inputs.withUnsafeBufferPointer {
                heads[channel].predict($0.baseAddress! + now * dimension, target: index)
            }
            let bounded = min(Self.levelLimit, max(-Self.levelLimit, change))
            made[now * Self.horizons.count + index] = bounded
            let spread = errors[channel * Self.horizons.count + index].ordered
            result.lower.append(levels[now] + bounded + spread[0])
            result.median.append(levels[now] + bounded + spread[1])
            result.upper.append(levels[now] + bounded + spread[2])
        }
        return result
    }

    private static func sane(_ value: Float) -> Double { value.isFinite ? Double(min(1e3, max(-1e3, value))) : 0 }

    /// What was learned; the last steps are not kept, so a forecaster that comes back needs 64 to learn on.
    package func snapshot() -> [UInt8] {
        var writer = SnapshotWriter(format: Self.format)
        for value in [channels, embeddingSize] { writer.write(UInt32(value)) }
        for head in heads { head.write(to: &writer) }
        for error in errors { error.write(to: &writer) }
        return writer.finish()
    }

    /// - Throws: where the snapshot is damaged, from another version, or of a stream of another shape.
    package mutating func restore(_ snapshot: [UInt8]) throws(SnapshotError) {
        var restored = self
        var reader = try SnapshotReader(snapshot, format: Self.format)
        for expected in [channels, embeddingSize] {
            let found = Int(try reader.read(UInt32.self))
            guard found == expected else { throw .length(expected: expected, found: found) }
        }
        for index in heads.indices { try restored.heads[index].read(from: &reader) }
        for index in errors.indices { try restored.errors[index].read(from: &reader) }
        try reader.finish()
        self = restored
    }
}
