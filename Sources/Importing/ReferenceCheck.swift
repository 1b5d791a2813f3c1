package import Inference

/// Compares an import with what the model's own runtime made of some inputs.
package struct ReferenceCheck: Sendable, Equatable {
    /// Largest difference of the float form.
    package private(set) var float: Float = 0
    /// Largest difference of the int8 form, in steps of its output.
    package private(set) var steps: Float = 0
    /// Norm of the int8 difference over norm of the reference.
    package private(set) var relativeError: Double = 0
    package private(set) var windows = 0
    /// Largest reference value.
    package private(set) var largestOutput: Float = 0

    /// - Parameters:
    ///   - input: (windows, …) as the model's runtime was given it.
    ///   - expected: (windows, …) its outputs.
    package init(
        _ importer: ModelImporter, _ graph: QuantizedGraph, input: Tensor, expected: Tensor
    ) throws(ImportError) {
        let lowered = importer.lowered
        float = try lowered.largestDifference(lowered.graph, input: input, expected: expected)
        let inputs = try lowered.windows(input, place: "reference input")
        let outputs = try lowered.outputs(expected, place: "reference output")
        let encoder: GraphEncoder
        do {
            encoder = try GraphEncoder(graph, kernels: .scalar)
        } catch {
            throw ImportError("int8 graph", found: error.found, expected: error.expected)
        }
        let (width, quantization) = (graph.embedding, graph.embeddingQuantization)
        let (samples, step) = (lowered.graph.input.frames, importer.graph.input.frames)
        let (steps, frames) = (samples / step, outputs[0].count / width)
        // A step gives its newest frame; the model gives every frame, or the newest of all.
        let hasEveryFrame = frames >= steps * importer.graph.output.frames
        guard steps > 0, hasEveryFrame || samples % step == 0 else {
            throw ImportError(
                "reference input", found: "windows of \(samples) samples",
                expected: "a multiple of the \(step) samples of a step")
        }
        var (difference, norm) = (0.0, 0.0)
        for (window, output) in zip(inputs, outputs) {
            let bytes = encoder.bytes(ofSteps: graph.patches(ofFrames: window))
            for step in hasEveryFrame ? 0..<steps : steps - 1..<steps {
                let frame = hasEveryFrame ? (step + 1) * importer.graph.output.frames - 1 : frames - 1
                for channel in 0..<width {
                    let reference = output[frame * width + channel]
                    let error = (quantization.dequantize(bytes[step * width + channel]) - reference).magnitude
                    self.steps = error.isNaN ? .infinity : max(self.steps, error / quantization.scale)
                    difference += Double(error * error)
                    norm += Double(reference * reference)
                    largestOutput = max(largestOutput, reference.magnitude)
                }
            }
        }
        relativeError = norm > 0 ? (difference / norm).squareRoot() : 0
        windows = inputs.count
    }
}
