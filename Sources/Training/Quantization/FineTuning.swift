package import Learning

/// Quantization-aware fine-tuning by distillation: the rounded network learns to give the float network's embeddings
/// (Hinton et al., 2015; Jacob et al., 2018). It needs no labels and no heads, only signals.
package struct FineTuning: Sendable {
    package private(set) var network: FakeQuantizedNetwork
    package let steps: Int
    private let teacher: FoldedNetwork
    private let schedule: LearningRateSchedule
    private var optimizer = AdamW(weightDecay: 0)

    package init(_ network: FakeQuantizedNetwork, teacher: FoldedNetwork, steps: Int, peakRate: Float = 5e-4) {
        self.network = network
        self.teacher = teacher
        self.steps = steps
        schedule = LearningRateSchedule(peak: peakRate, warmUp: min(20, steps / 10), steps: max(1, steps))
    }

    /// Steps done.
    package var step: Int { optimizer.step }
    package var isFinished: Bool { step >= steps }

    /// One update. Returns the embeddings' relative error on the batch before it.
    package mutating func advance(on batch: PretextBatch, using gemm: some MatrixMultiply) -> Double {
        let target = teacher.forward(batch.patches, lanes: batch.lanes, using: gemm)
        network.clearGradients()
        let embeddings = network.forward(batch.patches, lanes: batch.lanes, .training, using: gemm)
        var difference = EmbeddingDifference(dimensions: target.columns)
        difference.add(target, embeddings)
        // The square of the relative error, so that batches of large and of small embeddings count alike.
        let factor = Float(2 / max(difference.spread, 1e-12))
        let count = target.values.count
        let gradient = Matrix(rows: target.rows, columns: target.columns) { gradient in
            embeddings.withUnsafePointer { embeddings in
                target.withUnsafePointer { target in
                    for index in 0..<count { gradient[index] = factor * (embeddings[index] - target[index]) }
                }
            }
        }
        network.backward(gradient, using: gemm)
        network.clipGradients(to: 1)
        optimizer.update(&network, rate: schedule.rate(at: step))
        return difference.relativeError
    }
}
