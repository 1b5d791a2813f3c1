package import Inference

/// The way of a model into a bundle: lowered, simplified, made to stream where it can, calibrated, quantized.
package struct ModelImporter: Sendable {
    /// The model as its file has it, with all its layouts: what reference outputs are compared with.
    package let lowered: LoweredModel
    /// What will run: one step of a stream, or one window.
    package let graph: FrameGraph
    package let context: QuantizedGraph.Context
    /// Why it does not stream; nil where it does.
    package let obstacle: String?

    /// - Parameters:
    ///   - context: nil: a stream where the model is causal, else windows.
    ///   - samples: of a stream's step; nil: as few as the model's strides allow.
    package init(
        _ model: TensorGraph, input: ModelInput, context: QuantizedGraph.Context? = nil, samples: Int? = nil
    ) throws(ImportError) {
        lowered = try LoweredModel(model, input: input)
        var graph = lowered.graph
        graph.simplify(cropsStart: false)
        do {
            if context == .window { throw FrameGraph.NotCausal(description: "windows were asked for") }
            var stream = try graph.streaming(samples: samples)
            stream.simplify(cropsStart: false)
            (self.graph, self.context, obstacle) = (stream, .stream, nil)
        } catch {
            if context == .stream {
                throw ImportError("model", found: "\(error)", expected: "a causal model, or windows")
            }
            guard !lowered.hasFreeFrames else {
                throw ImportError(
                    "input", found: "a free number of frames in a model that is not causal: \(error)",
                    expected: "--window with the length of a window")
            }
            guard samples == nil else {
                throw ImportError(
                    "model", found: "\(error)", expected: "a causal model where a step of samples is asked for")
            }
            graph.simplify(cropsStart: true)
            (self.graph, self.context, obstacle) = (graph, .window, "\(error)")
        }
    }

    /// Whether the model leaves it open how some values are quantized.
    package var needsCalibration: Bool { (0...graph.nodes.count).contains { graph.quantization($0) == nil } }

    /// The shape of a window to calibrate with: (frames, channels).
    package var calibrationShape: FrameGraph.Shape { calibrationGraph.input }

    /// What calibration runs: a window, or enough steps of a stream to fill its past twice.
    package var calibrationGraph: FrameGraph {
        guard context == .stream else { return graph }
        let wanted = min(65536 / graph.input.channels, max(256, 2 * graph.receptiveField))
        return graph.repeated(steps: max(1, wanted / graph.input.frames))
    }

    package func quantize(_ calibration: GraphCalibration) throws(ImportError) -> QuantizedGraph {
        try GraphQuantizer.quantize(graph, calibration, context: context)
    }
}
