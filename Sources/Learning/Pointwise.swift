package import SedgeCore

/// A linear map of each frame on its own: y = x · Wᵀ + b. The 1×1 convolution, the patch stem and the heads.
package struct Pointwise: ParameterGroup, Sendable {
    package let inputs: Int
    package let outputs: Int
    package var weight: Parameter  // (out, in)
    /// Absent where a batch normalisation follows, which has a shift of its own.
    package var bias: Parameter?  // (out)
    private var input: Matrix?

    package init(_ name: String, inputs: Int, outputs: Int, bias hasBias: Bool, random: inout SeededRandom) {
        self.inputs = inputs
        self.outputs = outputs
        weight = Parameter("\(name).weight", count: outputs * inputs, fanIn: inputs, random: &random)
        bias = hasBias ? Parameter("\(name).bias", Array(repeating: 0, count: outputs), decays: false) : nil
    }

    /// (rows, in) → (rows, out)
    package mutating func forward(_ x: Matrix, _ mode: PassMode, using gemm: some MatrixMultiply) -> Matrix {
        if mode == .training { input = x }
        return FloatKernels.linear(x, weight.value, bias?.value, outputs: outputs, using: gemm)
    }

    /// Adds to the parameters' gradients and returns the input's.
    package mutating func backward(_ dy: Matrix, using gemm: some MatrixMultiply) -> Matrix {
        accumulate(dy, using: gemm)
        let rows = dy.rows
        return Matrix(rows: rows, columns: inputs) { dx in
            dy.withUnsafePointer { dy in
                weight.value.withUnsafeBufferPointer { weight in
                    gemm.multiply(
                        dy, transposed: false, weight.baseAddress!, transposed: false, into: dx, m: rows, n: inputs,
                        k: outputs, beta: 0)
                }
            }
        }
    }

    /// Adds to the parameters' gradients: all there is to do in the first layer, whose input needs no gradient.
    package mutating func accumulate(_ dy: Matrix, using gemm: some MatrixMultiply) {
        guard let x = input.take() else { preconditionFailure("backward without a forward pass in training mode") }
        dy.withUnsafePointer { dyPointer in
            x.withUnsafePointer { x in
                weight.gradient.withUnsafeMutableBufferPointer { gradient in
                    gemm.multiply(
                        dyPointer, transposed: true, x, transposed: false, into: gradient.baseAddress!, m: outputs,
                        n: inputs, k: dy.rows, beta: 1)
                }
            }
        }
        if bias != nil { FloatKernels.addColumnSums(of: dy, to: &bias!.gradient) }
    }

    package mutating func forEachParameter(_ body: (inout Parameter) -> Void) {
        body(&weight)
        if bias != nil { body(&bias!) }
    }
}
