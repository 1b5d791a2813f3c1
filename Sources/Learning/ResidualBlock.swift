package import SedgeCore

/// One block of the network: ReLU(x + BN(1×1 · ReLU(BN(dilated convolution of x)))).
package struct ResidualBlock: ParameterGroup, Sendable {
    package var convolution: CausalConvolution
    package var firstNormalization: BatchNormalization
    package var pointwise: Pointwise
    package var secondNormalization: BatchNormalization
    private var hidden: Matrix?
    private var output: Matrix?

    package init(_ name: String, channels: Int, taps: Int, dilation: Int, random: inout SeededRandom) {
        convolution = CausalConvolution(
            "\(name).convolution", inputs: channels, outputs: channels, taps: taps, dilation: dilation,
            random: &random)
        firstNormalization = BatchNormalization("\(name).norm1", channels: channels)
        pointwise = Pointwise(
            "\(name).pointwise", inputs: channels, outputs: channels, bias: false, random: &random)
        // A block starts as the identity (Goyal et al., 2017): a deep stack trains from the first step.
        secondNormalization = BatchNormalization("\(name).norm2", channels: channels, gain: 0)
    }

    package mutating func forward(
        _ x: Matrix, lanes: Int, _ mode: PassMode, using gemm: some MatrixMultiply
    ) -> Matrix {
        var inner = firstNormalization.forward(convolution.forward(x, lanes: lanes, mode, using: gemm), mode)
        FloatKernels.rectify(&inner)
        var y = secondNormalization.forward(pointwise.forward(inner, mode, using: gemm), mode)
        y.add(x)
        FloatKernels.rectify(&y)
        if mode == .training {
            hidden = inner
            output = y
        }
        return y
    }

    package mutating func backward(_ dy: Matrix, using gemm: some MatrixMultiply) -> Matrix {
        guard let inner = hidden.take(), let y = output.take() else {
            preconditionFailure("backward without a forward pass in training mode")
        }
        var dy = dy
        FloatKernels.rectifyGradient(&dy, output: y)
        var inside = pointwise.backward(secondNormalization.backward(dy), using: gemm)
        FloatKernels.rectifyGradient(&inside, output: inner)
        var dx = convolution.backward(firstNormalization.backward(inside), using: gemm)
        dx.add(dy)
        return dx
    }

    package mutating func forEachParameter(_ body: (inout Parameter) -> Void) {
        convolution.forEachParameter(body)
        firstNormalization.forEachParameter(body)
        pointwise.forEachParameter(body)
        secondNormalization.forEachParameter(body)
    }
}
