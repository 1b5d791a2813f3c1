package import Learning
import SedgeCore

/// Everything that decides what a pretraining run does, besides recordings and thread count.
package struct PretrainingConfiguration: Sendable, Equatable, Codable {
    package var shape = NetworkShape.tcn64
    package var seed: UInt64 = 1
    package var steps = 1000
    package var peakRate: Float = 5e-3
    package var weightDecay: Float = 0.02
    /// Common norm that gradients are scaled down to.
    package var gradientLimit: Float = 1
    package var tasks = PretextTasks.standard
    /// Classes of the recordings' labels; 0 without labels.
    package var classes = 0
    /// Steps between two looks at what is held out; 0: a twentieth of the run.
    package var watchEvery = 0
    /// Looks without a better one after which the run ends; 0: never.
    package var patience = 6
    private var batches = BatchRecipe(patch: 8, targets: PretextTargets(), rows: 8192)

    package init() {}

    /// How batches are made; patch and inputs are the network's.
    package var recipe: BatchRecipe {
        get {
            var recipe = batches
            (recipe.patch, recipe.inputs) = (shape.patch, shape.inputs)
            return recipe
        }
        set { batches = newValue }
    }

    /// Encoder steps in a batch, all lanes together.
    package var rows: Int {
        get { batches.rows }
        set { batches.rows = newValue }
    }

    package var targets: PretextTargets {
        get { batches.targets }
        set { batches.targets = newValue }
    }

    package var schedule: LearningRateSchedule {
        LearningRateSchedule(peak: peakRate, warmUp: min(100, steps / 10), steps: steps, descending: 0.25)
    }

    package var watchInterval: Int { watchEvery > 0 ? watchEvery : max(1, steps / 20) }

    /// Multiply-adds of one training step: a forward pass and twice as much backward. Heads and losses not counted.
    package var multiplyAddsPerStep: Double { 3 * Double(rows) * Double(shape.multiplyAdds) }

    /// Written into checkpoints: a run goes on only under the configuration that it began with.
    func write(to writer: inout SnapshotWriter) { writer.write(PayloadJSON.encode(self)) }

    init(from reader: inout SnapshotReader) throws(SnapshotError) {
        let bytes = try reader.readArray(UInt8.self)
        do {
            self = try PayloadJSON.decode(Self.self, from: bytes)
        } catch {
            throw .impossible("configuration that can not be read: \(error)")
        }
        guard isPossible else { throw .impossible("configuration \(String(decoding: bytes, as: UTF8.self))") }
    }

    private var isPossible: Bool {
        let sizes = [shape.patch, shape.inputs, shape.channels, shape.blocks, shape.taps, shape.embedding]
        let lengths = [targets.history, targets.future] + targets.horizons + targets.shapes
        return sizes.allSatisfy { (1...100_000).contains($0) } && shape.blocks <= 16
            && (sizes + lengths + [steps, rows]).allSatisfy { (1...1_000_000_000).contains($0) }
            && lengths.allSatisfy { $0 <= 100_000 } && recipe.isPossible && peakRate > 0
            && (tasks.labels == 0 || classes >= 2) && watchEvery >= 0 && patience >= 0
    }
}
