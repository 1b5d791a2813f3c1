/// A folded layer whose weights are rounded to int8 and back in every pass; trainable by straight-through gradients.
///
/// Its weight is `weight[t, o, i] · out[o] / in[i]`: gains of channels, which the layers on both sides of a ReLU share,
/// leave the float network as it is and decide how well each channel uses its tensor's common range (cross-layer
/// equalization; Nagel et al., 2019). Here they are learned.
package struct FakeQuantizedLayer: ParameterGroup, Sendable {
    /// False keeps the float weights: to measure what rounding the others costs.
    package var rounds = true
    private let layer: FoldedLayer
    private var weight: Parameter  // (tap, out, in)
    private var bias: Parameter  // (out)
    private var rounded: CausalConvolution
    private var gains: (output: [Float], input: [Float])

    package init(_ name: String, _ layer: FoldedLayer) {
        self.layer = layer
        weight = Parameter("\(name).weight", layer.weight, decays: false)
        bias = Parameter("\(name).bias", layer.bias, decays: false)
        rounded = CausalConvolution(weight, inputs: layer.inputs, taps: layer.taps, dilation: layer.dilation)
        gains = (Array(repeating: 1, count: layer.outputs), Array(repeating: 1, count: layer.inputs))
    }

    /// Takes into the bias what rounding the weights moves the mean output by (Nagel et al., 2019).
    /// - Parameter inputMeans: what the layer reads, mean of each channel.
    package mutating func correctBias(inputMeans: [Float]) {
        let (folded, rounded) = (folded.weight, folded.roundedWeight)
        for index in folded.indices {
            let output = index / layer.inputs % layer.outputs
            bias.value[output] +=
                (folded[index] - rounded[index]) * inputMeans[index % layer.inputs] / gains.output[output]
        }
    }

    /// (steps · lanes, in) → (steps · lanes, out)
    package mutating func forward(
        _ x: Matrix, lanes: Int, output: ChannelGains?, input: ChannelGains?, _ mode: PassMode,
        using gemm: some MatrixMultiply
    ) -> Matrix {
        if let output { gains.output = output.factors }
        if let input { gains.input = input.factors }
        let folded = folded
        rounded.weight.value = rounds ? folded.roundedWeight : folded.weight
        var y = rounded.forward(x, lanes: lanes, mode, using: gemm)
        FloatKernels.addRow(folded.bias, to: &y)
        return y
    }

    /// Adds to the gradients of weight, bias and gains, and returns the input's.
    package mutating func backward(
        _ dy: Matrix, output: inout ChannelGains?, input: inout ChannelGains?, using gemm: some MatrixMultiply
    ) -> Matrix {
        var biasGradient = [Float](repeating: 0, count: layer.outputs)
        FloatKernels.addColumnSums(of: dy, to: &biasGradient)
        rounded.weight.clearGradient()
        let dx = rounded.backward(dy, using: gemm)
        var (outputSums, inputSums) = (biasGradient, [Float](repeating: 0, count: layer.inputs))
        for index in biasGradient.indices {
            bias.gradient[index] += biasGradient[index] * gains.output[index]
            outputSums[index] *= bias.value[index] * gains.output[index]
        }
        for index in weight.value.indices {
            let (o, i) = (index / layer.inputs % layer.outputs, index % layer.inputs)
            let gradient = rounded.weight.gradient[index] * gains.output[o] / gains.input[i]
            weight.gradient[index] += gradient
            outputSums[o] += gradient * weight.value[index]
            inputSums[i] -= gradient * weight.value[index]
        }
        output?.addGradient(outputSums)
        input?.addGradient(inputSums)
        return dx
    }

    /// The float layer with its gains in it.
    package var folded: FoldedLayer {
        var result = layer
        for index in result.weight.indices {
            result.weight[index] =
                weight.value[index] * gains.output[index / layer.inputs % layer.outputs]
                / gains.input[index % layer.inputs]
        }
        for index in result.bias.indices { result.bias[index] = bias.value[index] * gains.output[index] }
        return result
    }

    package mutating func forEachParameter(_ body: (inout Parameter) -> Void) {
        body(&weight)
        body(&bias)
    }
}
