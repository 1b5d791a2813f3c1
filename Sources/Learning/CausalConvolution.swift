package import SedgeCore

/// A causal dilated 1-D convolution over time-major frames (see `Matrix`), without bias.
package struct CausalConvolution: ParameterGroup, Sendable {
    package let inputs: Int
    package let outputs: Int
    package let taps: Int
    package let dilation: Int
    package var weight: Parameter  // (tap, out, in), the last tap is the present
    private var input: Matrix?
    private var lanes = 0

    package init(
        _ name: String, inputs: Int, outputs: Int, taps: Int, dilation: Int, random: inout SeededRandom
    ) {
        self.inputs = inputs
        self.outputs = outputs
        self.taps = taps
        self.dilation = dilation
        weight = Parameter(
            "\(name).weight", count: taps * outputs * inputs, fanIn: taps * inputs, random: &random)
    }

    /// With weights from elsewhere.
    package init(_ weight: Parameter, inputs: Int, taps: Int, dilation: Int) {
        precondition(weight.value.count % (inputs * taps) == 0, "\(weight.name) does not fit \(inputs) inputs")
        self.inputs = inputs
        outputs = weight.value.count / (inputs * taps)
        self.taps = taps
        self.dilation = dilation
        self.weight = weight
    }

    /// (steps · lanes, in) → (steps · lanes, out)
    package mutating func forward(
        _ x: Matrix, lanes: Int, _ mode: PassMode, using gemm: some MatrixMultiply
    ) -> Matrix {
        if mode == .training {
            input = x
            self.lanes = lanes
        }
        return FloatKernels.convolve(
            x, weight.value, nil, outputs: outputs, taps: taps, dilation: dilation, lanes: lanes, using: gemm)
    }

    /// Adds to the weight's gradient and returns the input's.
    package mutating func backward(_ dy: Matrix, using gemm: some MatrixMultiply) -> Matrix {
        guard let x = input.take() else { preconditionFailure("backward without a forward pass in training mode") }
        let rows = dy.rows
        let size = outputs * inputs
        return Matrix(rows: rows, columns: inputs) { dx in
            dy.withUnsafePointer { dy in
                x.withUnsafePointer { x in
                    weight.value.withUnsafeBufferPointer { value in
                        weight.gradient.withUnsafeMutableBufferPointer { gradient in
                            for tap in stride(from: taps - 1, through: 0, by: -1) {
                                let shift = (taps - 1 - tap) * dilation * lanes
                                guard shift < rows else { break }
                                let later = dy + shift * outputs
                                gemm.multiply(
                                    later, transposed: true, x, transposed: false,
                                    into: gradient.baseAddress! + tap * size, m: outputs, n: inputs, k: rows - shift,
                                    beta: 1)
                                gemm.multiply(
                                    later, transposed: false, value.baseAddress! + tap * size, transposed: false,
                                    into: dx, m: rows - shift, n: inputs, k: outputs, beta: tap == taps - 1 ? 0 : 1)
                            }
                        }
                    }
                }
            }
        }
    }

    package mutating func forEachParameter(_ body: (inout Parameter) -> Void) { body(&weight) }
}
