import SedgeCore

@testable import Adaptation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A learner fed with a made-up stream: one channel in normalised units, and in place of the encoder eight rectified
/// projections of the patch, which is what a shallow random network would say.
struct SyntheticStream {
    var learner: StreamLearner
    var random: SeededRandom
    private(set) var step = 0
    /// How many times as long as usual steps take.
    var slowness = 1.0
    private var delay = 0.0
    private var sample = 0
    private let projection: [Float]  // (embedding, patch)

    static let patch = 8
    static let embedding = 8

    init(seed: UInt64, stepSeconds: Double = 1, alarmsPerWeek: Double = 1) {
        learner = StreamLearner(Self.configuration(stepSeconds: stepSeconds, alarmsPerWeek: alarmsPerWeek))
        random = SeededRandom(seed: seed)
        var weights = SeededRandom(seed: 3)
        projection = (0..<(Self.embedding * Self.patch)).map { _ in Float(weights.uniform() - 0.5) }
    }

    static func configuration(stepSeconds: Double = 1, alarmsPerWeek: Double = 1) -> LearnerConfiguration {
        LearnerConfiguration(
            channels: 1, embeddingSize: embedding, patch: patch, stepSeconds: stepSeconds,
            alarmsPerWeek: alarmsPerWeek, seed: 1)
    }

    /// Box and Muller's standard normal.
    mutating func gaussian() -> Double {
        (-2 * log(1 - random.uniform())).squareRoot() * cos(2 * .pi * random.uniform())
    }

    /// One step of eight samples; `value` gives a sample from its index and a standard normal.
    mutating func advance(
        learns: Bool = true, isMuted: Bool = false, _ value: (Int, Double) -> Double
    ) -> LearnerVerdict {
        var samples: [Float] = []
        for _ in 0..<Self.patch {
            samples.append(Float(value(sample, gaussian())))
            sample += 1
        }
        var embedding: [Float] = []
        for row in 0..<Self.embedding {
            var sum: Float = 0
            for column in 0..<Self.patch { sum += projection[row * Self.patch + column] * samples[column] }
            embedding.append((max(0, sum) * 16).rounded() / 16)
        }
        step += 1
        delay += learner.configuration.stepSeconds * (slowness - 1)
        let seconds = learner.configuration.stepSeconds * Double(step) + delay
        let time = Timestamp(microseconds: 1_700_000_000_000_000 + Int64(seconds * 1e6))
        return learner.observe(
            time: time, embeddings: embedding.span, patches: samples.span, learns: learns, isMuted: isMuted)
    }
}

/// The pump of the tests: a tone in noise.
func tone(_ sample: Int, _ noise: Double) -> Double { sin(2 * .pi * Double(sample) / 21) + 0.3 * noise }
