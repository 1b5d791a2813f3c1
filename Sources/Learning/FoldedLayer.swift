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

    /// The weights in the order in which a bundle stores them: (out, in, tap).
    package var bundleOrder: [Float] {
        var result = [Float](repeating: 0, count: weight.count)
        for tap in 0..<taps {
            for output in 0..<outputs {
                for input in 0..<inputs {
                    result[(output * inputs + input) * taps + tap] = weight[(tap * outputs + output) * inputs + input]
                }
            }
        }
        return result
    }
}
