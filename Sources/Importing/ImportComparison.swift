package import Inference

/// How far the int8 embeddings of an import lie from the float ones, on windows that calibration did not see.
package struct ImportComparison: Sendable, Equatable {
    /// Norm of the difference over norm of the float embeddings around their mean.
    package private(set) var relativeError = 0.0
    /// Largest difference, in int8 steps of the embedding.
    package private(set) var largestSteps = 0.0
    package private(set) var embeddings = 0

    /// - Parameter windows: frames of the shape that calibration has.
    package init(_ importer: ModelImporter, _ graph: QuantizedGraph, windows: [[Float]]) throws(BundleError) {
        let encoder = try GraphEncoder(graph, kernels: .scalar)
        let reference = importer.calibrationGraph
        let (width, quantization) = (graph.embedding, graph.embeddingQuantization)
        var (difference, squares) = (0.0, 0.0)
        var sums = [Double](repeating: 0, count: width)
        for window in windows {
            let float = reference.evaluate(window)
            let bytes = encoder.bytes(ofSteps: graph.patches(ofFrames: window))
            let steps = bytes.count / width
            for step in 0..<steps {
                // A step gives its newest frame.
                let frame = (step + 1) * (float.count / width) / steps - 1
                for channel in 0..<width {
                    let expected = Double(float[frame * width + channel])
                    let error = Double(quantization.dequantize(bytes[step * width + channel])) - expected
                    difference += error * error
                    squares += expected * expected
                    sums[channel] += expected
                    largestSteps = max(largestSteps, error.magnitude / Double(quantization.scale))
                }
            }
            embeddings += steps
        }
        let spread = squares - sums.reduce(0) { $0 + $1 * $1 } / Double(max(1, embeddings))
        relativeError = spread > 0 ? (difference / spread).squareRoot() : 0
    }
}
