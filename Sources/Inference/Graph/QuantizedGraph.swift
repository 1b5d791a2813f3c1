/// The numbers of an int8 network of any shape: what an imported model becomes when it is no TCN.
///
/// Every value is a sequence of frames, (frames, channels); value 0 is the input of one step, value i + 1 what node i
/// makes. The newest frame of the last value is the embedding. Three operations carry everything: a convolution also
/// pads, crops, scales, picks, averages, and is a dense layer over a whole window.
package struct QuantizedGraph: Sendable, Equatable {
    /// What stands before the first frame of a step.
    package enum Context: String, Sendable, CaseIterable {
        /// Zeros, as in the window that the model was trained on: a step is a whole window, and keeps nothing.
        case window
        /// The lane's past frames: a step is a few new samples.
        case stream
    }

    package struct Shape: Sendable, Equatable {
        package var frames: Int
        package var channels: Int

        package init(frames: Int, channels: Int) {
            self.frames = frames
            self.channels = channels
        }

        package var count: Int { frames * channels }
    }

    package struct Convolution: Sendable, Equatable {
        /// (out, in, tap), or (channel, 1, tap) when depthwise; the last tap meets the newest frame.
        package var layer: QuantizedConvolution
        package var isDepthwise: Bool
        package var dilation: Int
        package var stride: Int
        /// Frames before the first one: zeros in a window, the past in a stream. Negative: frames left out.
        package var before: Int
        /// Zero frames after the last one; none in a stream.
        package var after: Int

        package init(
            layer: QuantizedConvolution, isDepthwise: Bool, dilation: Int, stride: Int, before: Int, after: Int
        ) {
            self.layer = layer
            self.isDepthwise = isDepthwise
            self.dilation = dilation
            self.stride = stride
            self.before = before
            self.after = after
        }
    }

    package enum Axis: String, Sendable, CaseIterable {
        case time, channel
    }

    package enum Operation: Sendable, Equatable {
        case convolution(Convolution)
        /// Of two values of one shape.
        case addition
        case concatenation(Axis)
    }

    package struct Node: Sendable, Equatable {
        package var operation: Operation
        /// Values, each made before this one.
        package var inputs: [Int]
        /// A ReLU or clip: −128…127 where there is none, or where the quantization limits by itself.
        package var limits: ClosedRange<Int8>
        package var output: ActivationQuantization

        package init(
            operation: Operation, inputs: [Int], limits: ClosedRange<Int8> = -128...127, output: ActivationQuantization
        ) {
            self.operation = operation
            self.inputs = inputs
            self.limits = limits
            self.output = output
        }
    }

    package var context: Context
    /// Of one step: p samples of in channels.
    package var inputShape: Shape
    package var input: ActivationQuantization
    package var nodes: [Node]

    package init(context: Context, inputShape: Shape, input: ActivationQuantization, nodes: [Node]) {
        self.context = context
        self.inputShape = inputShape
        self.input = input
        self.nodes = nodes
    }

    /// Of the embedding.
    package var embeddingQuantization: ActivationQuantization { quantization(nodes.count) }

    package var weightCount: Int {
        nodes.reduce(0) { sum, node in
            guard case .convolution(let convolution) = node.operation else { return sum }
            return sum + convolution.layer.weight.count
        }
    }

    func quantization(_ value: Int) -> ActivationQuantization { value == 0 ? input : nodes[value - 1].output }
}

extension QuantizedGraph.Convolution {
    /// Frames from the first tap to the last.
    package var span: Int { (layer.taps - 1) * dilation + 1 }

    var outputs: Int { layer.outputs }
}
