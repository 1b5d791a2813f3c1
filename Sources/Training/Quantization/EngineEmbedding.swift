import Inference
import Learning

/// Embeddings of a batch by the very engine that the agent runs, lane by lane.
enum EngineEmbedding {
    static func embed(_ batch: PretextBatch, _ encoder: WindowEncoder) -> Matrix {
        let (lanes, width) = (batch.lanes, batch.patches.columns)
        let steps = batch.patches.rows / lanes
        let dimensions = encoder.architecture.embedding
        var result = Matrix(rows: batch.patches.rows, columns: dimensions)
        var window = [Float](repeating: 0, count: steps * width)
        for lane in 0..<lanes {
            for step in 0..<steps {
                let row = (step * lanes + lane) * width
                window.replaceSubrange(
                    step * width..<(step + 1) * width, with: batch.patches.values[row..<row + width])
            }
            let embeddings = encoder.embed(window: window.span)
            for step in 0..<steps {
                let row = (step * lanes + lane) * dimensions
                result.values.replaceSubrange(
                    row..<row + dimensions, with: embeddings[step * dimensions..<(step + 1) * dimensions])
            }
        }
        return result
    }
}
