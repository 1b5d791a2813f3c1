package import Learning
import SedgeCore

/// Everything that decides what a pretraining run does, besides recordings and thread count.
package struct PretrainingConfiguration: Sendable, Equatable {
    package var shape = NetworkShape.tcn64
    package var seed: UInt64 = 1
    package var steps = 1000
    /// Encoder steps in a batch, all lanes together.
    package var rows = 8192
    package var peakRate: Float = 5e-3
    package var weightDecay: Float = 0.02
    /// Common norm that gradients are scaled down to.
    package var gradientLimit: Float = 1
    package var targets = PretextTargets()

    package init() {}

    package var schedule: LearningRateSchedule {
        LearningRateSchedule(peak: peakRate, warmUp: min(100, steps / 10), steps: steps)
    }

    /// Multiply-adds of one training step: a forward pass and twice as much backward.
    package var multiplyAddsPerStep: Double { 3 * Double(rows) * Double(shape.multiplyAdds) }

    /// Written into checkpoints: a run goes on only under the configuration that it began with.
    func write(to writer: inout SnapshotWriter) {
        for value in [shape.patch, shape.channels, shape.blocks, shape.taps, shape.embedding, steps, rows] {
            writer.write(Int64(value))
        }
        writer.write(seed)
        for value in [peakRate, weightDecay, gradientLimit] { writer.write(value) }
        writer.write(([targets.history, targets.future] + targets.horizons).map(Int64.init))
    }

    init(from reader: inout SnapshotReader) throws(SnapshotError) {
        var sizes: [Int] = []
        for _ in 0..<7 { sizes.append(Int(try reader.read(Int64.self))) }
        guard sizes.allSatisfy({ (1...1_000_000_000).contains($0) }), sizes[2] <= 16 else {
            throw .impossible("network and run of sizes \(sizes)")
        }
        shape = NetworkShape(
            patch: sizes[0], channels: sizes[1], blocks: sizes[2], taps: sizes[3], embedding: sizes[4])
        steps = sizes[5]
        rows = sizes[6]
        seed = try reader.read(UInt64.self)
        peakRate = try reader.readFloat()
        weightDecay = try reader.readFloat()
        gradientLimit = try reader.readFloat()
        let lengths = try reader.readArray(Int64.self).map { Int($0) }
        guard lengths.count >= 2, lengths.allSatisfy({ (1...100_000).contains($0) }) else {
            throw .impossible("targets of lengths \(lengths)")
        }
        targets = PretextTargets(history: lengths[0], future: lengths[1], horizons: Array(lengths[2...]))
    }
}
