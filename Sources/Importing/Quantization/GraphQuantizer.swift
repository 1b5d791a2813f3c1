package import Inference
import Learning

/// Makes the int8 graph of a float one: exactly the model's integers where it was quantized, rounded by calibrated
/// ranges where it was not.
package struct GraphQuantizer {
    private let graph: FrameGraph
    private let calibration: GraphCalibration
    private var ranges: [ActivationQuantization]

    /// - Parameters:
    ///   - graph: simplified; for the context at hand.
    ///   - calibration: of the same graph, or of its window form with the same nodes.
    package static func quantize(
        _ graph: FrameGraph, _ calibration: GraphCalibration, context: QuantizedGraph.Context
    ) throws(ImportError) -> QuantizedGraph {
        let quantizer = GraphQuantizer(graph, calibration)
        var nodes: [QuantizedGraph.Node] = []
        // Where the value of each float node ends up: a concatenation may need its inputs rescaled first.
        var places = [0]
        for (index, node) in graph.nodes.enumerated() {
            var inputs = node.inputs.map { places[$0] }
            let output = quantizer.ranges[index + 1]
            let operation: QuantizedGraph.Operation
            switch node.operation {
            case .addition: operation = .addition
            case .concatenation(let axis):
                for (slot, input) in node.inputs.enumerated() where quantizer.ranges[input] != output {
                    nodes.append(quantizer.rescaled(input, place: places[input], to: output))
                    inputs[slot] = nodes.count
                }
                operation = .concatenation(axis == .time ? .time : .channel)
            case .convolution(let convolution):
                operation = .convolution(try quantizer.quantize(convolution, node, output: output))
            }
            nodes.append(
                QuantizedGraph.Node(
                    operation: operation, inputs: inputs, limits: output.limits(node.limits), output: output))
            places.append(nodes.count)
        }
        return QuantizedGraph(
            context: context, inputShape: .init(frames: graph.input.frames, channels: graph.input.channels),
            input: quantizer.ranges[0], nodes: nodes)
    }

    private init(_ graph: FrameGraph, _ calibration: GraphCalibration) {
        self.graph = graph
        self.calibration = calibration
        ranges = (0...graph.nodes.count).map(calibration.range)
        // A value that goes nowhere but into a concatenation takes its range at once, so nothing is rounded twice.
        for index in graph.nodes.indices.reversed() {
            guard case .concatenation = graph.nodes[index].operation else { continue }
            for input in graph.nodes[index].inputs
            where graph.quantization(input) == nil && graph.readers(input) == [index] && input > 0 {
                ranges[input] = ranges[index + 1]
            }
        }
    }

    private func rescaled(_ input: Int, place: Int, to output: ActivationQuantization) -> QuantizedGraph.Node {
        let channels = graph.shape(input).channels
        let layer = QuantizedConvolution(
            outputs: channels, inputs: 1, taps: 1, weight: Array(repeating: 1, count: channels),
            weightScale: Array(repeating: 1, count: channels), bias: Array(repeating: 0, count: channels))
        return QuantizedGraph.Node(
            operation: .convolution(
                .init(layer: layer, isDepthwise: true, dilation: 1, stride: 1, before: 0, after: 0)),
            inputs: [place], output: output)
    }

    private func quantize(
        _ convolution: FrameConvolution, _ node: FrameGraph.Node, output quantization: ActivationQuantization
    ) throws(ImportError) -> QuantizedGraph.Convolution {
        let (weight, bias) = (convolution.weight, convolution.bias)
        guard (weight + bias).allSatisfy(\.isFinite) else {
            throw ImportError(
                "node \(ImportError.quoted(node.name))", found: "a weight that is not finite",
                expected: "finite numbers")
        }
        let source = node.inputs[0]
        let input = Double(ranges[source].scale)
        let output = Double(quantization.scale)
        let exact = convolution.exactIntegers
        var (integers, scales) = exact ?? convolution.rounded
        let width = convolution.fanIn * convolution.taps
        let means = calibration.means(source)
        var biases: [Int32] = []
        for channel in 0..<convolution.outputs {
            let row = channel * width..<(channel + 1) * width
            if input * Double(scales[channel]) < output * Self.smallestMultiplier {
                // Nothing that such weights could add is ever seen; their scale is there for the bias alone.
                for position in row { integers[position] = 0 }
                scales[channel] = Float(output / (128 * input))
            }
            var shift = Double(bias[channel])
            if exact == nil {
                // Rounding the weights moved the mean; the bias takes it back (Nagel et al., 2019).
                for position in row {
                    let source = convolution.isDepthwise ? channel : (position - row.lowerBound) / convolution.taps
                    let error = weight[position] - Float(integers[position]) * scales[channel]
                    shift += Double(error) * Double(means[source])
                }
            }
            // Where weights are all but zero beside the bias, their scale grows until the bias fits.
            let smallest = Float(shift.magnitude / (input * Self.largestBias))
            if scales[channel] < smallest {
                for position in row { integers[position] = Int8((weight[position] / smallest).rounded()) }
                scales[channel] = smallest
            }
            let steps = shift / (input * Double(scales[channel]))
            biases.append(Int32(max(-Self.largestBias, min(Self.largestBias, steps.rounded(.toNearestOrEven)))))
        }
        return QuantizedGraph.Convolution(
            layer: QuantizedConvolution(
                outputs: convolution.outputs, inputs: convolution.fanIn, taps: convolution.taps, weight: integers,
                weightScale: scales, bias: biases),
            isDepthwise: convolution.isDepthwise, dilation: convolution.dilation, stride: convolution.stride,
            before: convolution.before, after: convolution.after)
    }

    /// Leaves the sums of products half of what int32 holds.
    private static let largestBias = 1e9
    private static let smallestMultiplier = 1e-20
}

extension FrameConvolution {
    /// (out, …) integers with a scale for each output, with the least loss.
    fileprivate var rounded: (integers: [Int8], scales: [Float]) {
        // What float32 holds only imprecisely is as good as nothing.
        let result = QuantizedWeight(weight.map { $0.magnitude < 1e-30 ? 0 : $0 }, outputs: outputs)
        return (result.values, result.scales)
    }

    /// The weights as integers of the steps that the model was quantized with; nil when they are no such multiples, or
    /// lie outside −127…127.
    fileprivate var exactIntegers: (integers: [Int8], scales: [Float])? {
        guard let steps, steps.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
        let width = fanIn * taps
        var integers: [Int8] = []
        for (position, value) in weight.enumerated() {
            let step = steps[position / width]
            let integer = (value / step).rounded(.toNearestOrEven)
            guard integer.magnitude <= 127, (integer * step - value).magnitude <= step * 1e-3 else { return nil }
            integers.append(Int8(integer))
        }
        return (integers, steps)
    }
}

extension ActivationQuantization {
    /// A ReLU or clip as bytes; saturation is left out, it comes by itself.
    func limits(_ limits: ClosedRange<Float>) -> ClosedRange<Int8> {
        let low = limits.lowerBound == -.infinity ? -128 : quantize(limits.lowerBound)
        let high = limits.upperBound == .infinity ? 127 : quantize(limits.upperBound)
        return low...max(low, high)
    }
}
