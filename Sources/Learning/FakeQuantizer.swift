/// Rounds a tensor to int8 and back inside a float network: y = scale · (q − zeroPoint).
///
/// With the zero point at −128 it is a ReLU too, as in the int8 kernels. Backward is the straight-through estimator
/// (Bengio et al., 2013): what was not clipped passes its gradient on. The scale is learned (Esser et al., 2020).
package struct FakeQuantizer: ParameterGroup, Sendable {
    /// False lets values pass as they are, apart from the ReLU: to measure one tensor's rounding alone.
    package var rounds = true
    private let calibrated: ActivationRange
    private var growth: Parameter  // (1)
    private var input: Matrix?

    /// 1.5 · 2²³: added and taken away again it rounds half to even, in a loop that vectorises.
    private static let rounder: Float = 12_582_912

    /// - Parameter origin: the range from which the learned scale counts; nil: this one.
    package init(_ name: String, _ range: ActivationRange, from origin: ActivationRange? = nil) {
        calibrated = ActivationRange(scale: (origin ?? range).scale, zeroPoint: range.zeroPoint)
        growth = Parameter("\(name).scale", [LogGain.value(range.scale / calibrated.scale)], decays: false)
    }

    package var range: ActivationRange {
        ActivationRange(scale: calibrated.scale * LogGain.factor(growth.value[0]), zeroPoint: calibrated.zeroPoint)
    }

    package mutating func forward(_ x: Matrix, _ mode: PassMode) -> Matrix {
        if mode == .training { input = x }
        guard rounds else { return unrounded(x) }
        let range = range
        let (scale, lowest, highest) = (range.scale, range.lowestStep, range.highestStep)
        let count = x.values.count
        return Matrix(rows: x.rows, columns: x.columns) { y in
            x.withUnsafePointer { x in
                for index in 0..<count {
                    let steps = x[index] / scale
                    let raised = steps > lowest ? steps : lowest
                    let limited = raised < highest ? raised : highest
                    y[index] = ((limited + Self.rounder) - Self.rounder) * scale
                }
            }
        }
    }

    /// Adds to the scale's gradient and returns the input's.
    package mutating func backward(_ dy: Matrix) -> Matrix {
        guard let x = input.take() else { preconditionFailure("backward without a forward pass in training mode") }
        guard rounds else { return unroundedGradient(dy, x) }
        let range = range
        let (scale, lowest, highest) = (range.scale, range.lowestStep, range.highestStep)
        let (rows, columns) = (dy.rows, dy.columns)
        var total = 0.0
        let dx = Matrix(rows: rows, columns: columns) { dx in
            dy.withUnsafePointer { dy in
                x.withUnsafePointer { x in
                    for start in stride(from: 0, to: rows * columns, by: columns) {
                        // A row is short: its sum loses nothing in float.
                        var sum: Float = 0
                        for index in start..<start + columns {
                            let steps = x[index] / scale
                            let raised = steps > lowest ? steps : lowest
                            let limited = raised < highest ? raised : highest
                            let isInside = limited == steps
                            let rounded = (limited + Self.rounder) - Self.rounder
                            dx[index] = isInside ? dy[index] : 0
                            sum += dy[index] * (rounded - (isInside ? steps : 0))
                        }
                        total += Double(sum)
                    }
                }
            }
        }
        growth.gradient[0] += Float(total) * scale * LogGain.stride
        return dx
    }

    package mutating func forEachParameter(_ body: (inout Parameter) -> Void) { body(&growth) }

    private var rectifies: Bool { calibrated.zeroPoint == -128 }

    private func unrounded(_ x: Matrix) -> Matrix {
        var x = x
        if rectifies { FloatKernels.rectify(&x) }
        return x
    }

    private func unroundedGradient(_ dy: Matrix, _ x: Matrix) -> Matrix {
        var dy = dy
        if rectifies { FloatKernels.rectifyGradient(&dy, output: x) }
        return dy
    }
}
