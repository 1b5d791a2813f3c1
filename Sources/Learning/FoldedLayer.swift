/// A convolution with a bias and nothing else.
package struct FoldedLayer: Sendable {
    package let taps: Int
    package let outputs: Int
    package let inputs: Int
    package let dilation: Int
    package var weight: [Float]  // (tap, out, in), the last tap is the present
    package var bias: [Float]  // (out)

    package init(taps: Int, outputs: Int, inputs: Int, dilation: Int, weight: [Float], bias: [Float]) {
        precondition(weight.count == taps * outputs * inputs && bias.count == outputs)
        self.taps = taps
        self.outputs = outputs
        self.inputs = inputs
        self.dilation = dilation
        self.weight = weight
        self.bias = bias
    }

    package init(_ layer: Pointwise, _ normalization: BatchNormalization) {
        self.init(
            taps: 1, outputs: layer.outputs, inputs: layer.inputs, dilation: 1, weight: layer.weight.value,
            normalization)
    }

    package init(_ layer: CausalConvolution, _ normalization: BatchNormalization) {
        self.init(
            taps: layer.taps, outputs: layer.outputs, inputs: layer.inputs, dilation: layer.dilation,
            weight: layer.weight.value, normalization)
    }

    private init(
        taps: Int, outputs: Int, inputs: Int, dilation: Int, weight: [Float], _ normalization: BatchNormalization
    ) {
        let (scale, offset) = normalization.affine()
        let folded = weight.enumerated().map { index, value in value * scale[index / inputs % outputs] }
        self.init(taps: taps, outputs: outputs, inputs: inputs, dilation: dilation, weight: folded, bias: offset)
    }

    package func forward(_ x: Matrix, lanes: Int, using gemm: some MatrixMultiply) -> Matrix {
        FloatKernels.convolve(
            x, weight, bias, outputs: outputs, taps: taps, dilation: dilation, lanes: lanes, using: gemm)
    }

    /// From weights in a bundle's order, (out, in, tap).
    package init(bundleOrder: [Float], taps: Int, inputs: Int, dilation: Int, bias: [Float]) {
        self.init(
            taps: taps, outputs: bias.count, inputs: inputs, dilation: dilation, weight: bundleOrder, bias: bias)
        let ordered = bundleOrder
        forEachWeight { weight[$0] = ordered[$1] }
    }

    /// The weights in the order in which a bundle stores them: (out, in, tap).
    package var bundleOrder: [Float] {
        var result = [Float](repeating: 0, count: weight.count)
        forEachWeight { result[$1] = weight[$0] }
        return result
    }

    /// The weights as int8, in a bundle's order.
    package var quantizedWeight: QuantizedWeight { QuantizedWeight(bundleOrder, outputs: outputs) }

    /// The weights that are left of `weight` when they are int8: (tap, out, in).
    package var roundedWeight: [Float] {
        let rounded = quantizedWeight.dequantized
        var result = [Float](repeating: 0, count: weight.count)
        forEachWeight { result[$0] = rounded[$1] }
        return result
    }

    /// Each weight's index here and in a bundle's order.
    private func forEachWeight(_ body: (_ here: Int, _ bundle: Int) -> Void) {
        for tap in 0..<taps {
            for output in 0..<outputs {
                for input in 0..<inputs {
                    body((tap * outputs + output) * inputs + input, (output * inputs + input) * taps + tap)
                }
            }
        }
    }
}
