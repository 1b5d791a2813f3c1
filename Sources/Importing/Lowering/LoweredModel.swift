/// A model as frames, with how its own tensors lie in them.
package struct LoweredModel: Sendable {
    package var graph: FrameGraph
    let input: AxisLayout
    let output: AxisLayout
    /// Whether neither the file nor the user says how long a window is.
    let hasFreeFrames: Bool

    package init(_ model: TensorGraph, input: ModelInput) throws(ImportError) {
        self = try Lowering.lower(model, input: input)
    }

    init(graph: FrameGraph, input: AxisLayout, output: AxisLayout, hasFreeFrames: Bool) {
        self.graph = graph
        self.input = input
        self.output = output
        self.hasFreeFrames = hasFreeFrames
    }

    /// The windows of a reference input as frames, (frames, channels) each.
    package func windows(_ tensor: Tensor, place: String) throws(ImportError) -> [[Float]] {
        try Self.frames(tensor, input, place: place)
    }

    /// The windows of a reference output as frames.
    package func outputs(_ tensor: Tensor, place: String) throws(ImportError) -> [[Float]] {
        try Self.frames(tensor, output, place: place)
    }

    private static func frames(_ tensor: Tensor, _ layout: AxisLayout, place: String) throws(ImportError) -> [[Float]] {
        // Windows stand one after the other on the first axis.
        guard layout.axes.first?.isEmpty == true else {
            throw ImportError(place, found: "a model that has \(layout) there", expected: "a batch axis first")
        }
        let shape = layout.shape
        guard tensor.rank == shape.count, Array(tensor.shape.dropFirst()) == Array(shape.dropFirst()),
            tensor.shape[0] > 0
        else {
            throw ImportError(
                place, found: "shape \(tensor.shape)",
                expected: "any number of \(shape.dropFirst().map(String.init).joined(separator: " x "))")
        }
        let values = tensor.reals
        let offsets = layout.offsets
        return (0..<tensor.shape[0]).map { window in offsets.map { values[window * layout.frames.count + $0] } }
    }

    /// The largest difference between what a graph makes of the inputs and what is expected.
    package func largestDifference(
        _ graph: FrameGraph, input: Tensor, expected: Tensor
    ) throws(ImportError) -> Float {
        let windows = try windows(input, place: "reference input")
        let outputs = try outputs(expected, place: "reference output")
        guard windows.count == outputs.count else {
            throw ImportError("reference", found: "\(outputs.count) outputs", expected: "\(windows.count)")
        }
        var largest: Float = 0
        for (window, output) in zip(windows, outputs) {
            for (found, expected) in zip(graph.evaluate(window), output) {
                let difference = (found - expected).magnitude
                // NaN must not hide.
                largest = difference.isNaN ? .infinity : max(largest, difference)
            }
        }
        return largest
    }
}
