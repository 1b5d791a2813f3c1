package import Learning
package import Preprocessing

/// What batches are made of, besides seed and recordings.
package struct BatchRecipe: Sendable, Equatable, Codable {
    package var patch: Int
    /// Channels of a lane.
    package var inputs = 1
    package var targets: PretextTargets
    /// Encoder steps in a batch, all lanes together.
    package var rows: Int
    /// Steps of a crop, and samples between them: drawn from these.
    package var lengths = [64, 128, 256, 512]
    package var hops = [1, 2, 4, 8]
    /// Share of series that are generated where there are recordings; without any, all are.
    package var generatedShare = 0.5
    package var augmentation = Augmentation()
    /// What recordings are normalised by where the bundle is to have fixed scales: a level and a scale a channel.
    package var fixedLevels: [Double] = []
    package var fixedScales: [Double] = []

    package init(patch: Int, targets: PretextTargets, rows: Int) {
        self.patch = patch
        self.targets = targets
        self.rows = rows
    }

    package var normalization: Normalization {
        fixedLevels.isEmpty ? .robust() : .fixed(levels: fixedLevels, scales: fixedScales)
    }

    /// Samples that `steps` steps with their history and targets span.
    package func samples(steps: Int, hop: Int) -> Int {
        max(patch, targets.lookback) + steps * hop + targets.reach
    }

    /// The shortest recording that a crop fits in, at hop 1 and with the largest distance between two crops.
    package var shortestRecording: Int {
        let steps = lengths.min() ?? 1
        return samples(steps: steps + steps / 4, hop: 1) + 64
    }

    /// Whether batches can be made by it; a checkpoint may say anything.
    package var isPossible: Bool {
        patch > 0 && inputs > 0 && !lengths.isEmpty && !hops.isEmpty
            && lengths.allSatisfy { (8...100_000).contains($0) && rows >= 2 * $0 }
            && hops.allSatisfy { (1...patch).contains($0) } && (0...1).contains(generatedShare)
            && augmentation.isPossible && fixedLevels.count == fixedScales.count
            && (fixedLevels.isEmpty || fixedLevels.count == inputs) && fixedLevels.allSatisfy(\.isFinite)
            && fixedScales.allSatisfy { $0.isFinite && $0 > 0 }
    }
}
