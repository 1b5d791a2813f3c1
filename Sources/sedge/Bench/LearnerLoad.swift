import Adaptation
import SedgeCore

/// A learner and a loop of made-up steps for it: slowly varying embeddings, samples of correlated noise.
struct LearnerLoad {
    /// Steps after which everything that a learner does is done.
    static let warmUp = 2000
    private static let embeddingSize = 64
    private static let patch = 8
    private static let loop = 512

    private var learner: StreamLearner
    private let channels: Int
    private let embeddings: [Float]  // (loop, channels, embeddingSize)
    private let patches: [Float]  // (loop, channels, patch)
    private var step = 0

    init(channels: Int, hop: Int) {
        self.channels = channels
        learner = StreamLearner(
            LearnerConfiguration(
                channels: channels, embeddingSize: Self.embeddingSize, patch: Self.patch, hop: hop, stepSeconds: 1,
                alarmsPerWeek: 1, seed: 1))
        var random = SeededRandom(seed: 1)
        func series(_ width: Int) -> [Float] {
            var last = [Float](repeating: 0, count: width)
            return (0..<Self.loop).flatMap { _ in
                for index in last.indices { last[index] = 0.8 * last[index] + Float(random.uniform() - 0.5) }
                return last
            }
        }
        embeddings = series(channels * Self.embeddingSize)
        patches = series(channels * Self.patch)
    }

    mutating func run(steps: Int) {
        let (size, patch) = (channels * Self.embeddingSize, channels * Self.patch)
        let (embeddings, patches) = (self.embeddings, self.patches)
        for _ in 0..<steps {
            let place = step % Self.loop
            step += 1
            let samples = patches.span.extracting((place * patch)..<((place + 1) * patch))
            _ = learner.observe(
                time: Timestamp(microseconds: Int64(step) * 1_000_000),
                embeddings: embeddings.span.extracting((place * size)..<((place + 1) * size)), patches: samples,
                levels: samples.extracting(0..<channels), learns: true)
        }
    }
}
