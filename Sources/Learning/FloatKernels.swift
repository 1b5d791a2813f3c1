/// The float32 loops that layers share, over raw pointers so that the compiler's vectors are not broken by checks.
package enum FloatKernels {
    /// x (rows, in) · Wᵀ (out, in) + b (out).
    package static func linear(
        _ x: Matrix, _ weight: [Float], _ bias: [Float]?, outputs: Int, using gemm: some MatrixMultiply
    ) -> Matrix {
        precondition(weight.count == outputs * x.columns, "weight does not fit a frame of \(x.columns) channels")
        let rows = x.rows
        return Matrix(rows: rows, columns: outputs) { y in
            if let bias { spread(bias, over: y, rows: rows) }
            x.withUnsafePointer { source in
                weight.withUnsafeBufferPointer { weight in
                    gemm.multiply(
                        source, transposed: false, weight.baseAddress!, transposed: true, into: y, m: rows, n: outputs,
                        k: x.columns, beta: bias == nil ? 0 : 1)
                }
            }
        }
    }

    /// A causal dilated convolution of time-major frames (see `Matrix`); what lies before the first step is zero.
    ///
    /// Shapes: x (steps · lanes, in), weight (tap, out, in), bias (out), result (steps · lanes, out). The last tap
    /// is the present frame, the one before it looks `dilation` steps back, and so on.
    package static func convolve(
        _ x: Matrix, _ weight: [Float], _ bias: [Float]?, outputs: Int, taps: Int, dilation: Int, lanes: Int,
        using gemm: some MatrixMultiply
    ) -> Matrix {
        let (rows, inputs) = (x.rows, x.columns)
        precondition(weight.count == taps * outputs * inputs, "weight does not fit a frame of \(inputs) channels")
        return Matrix(rows: rows, columns: outputs) { y in
            if let bias { spread(bias, over: y, rows: rows) }
            x.withUnsafePointer { source in
                weight.withUnsafeBufferPointer { weight in
                    for tap in stride(from: taps - 1, through: 0, by: -1) {
                        let shift = (taps - 1 - tap) * dilation * lanes
                        guard shift < rows else { break }
                        gemm.multiply(
                            source, transposed: false, weight.baseAddress! + tap * outputs * inputs, transposed: true,
                            into: y + shift * outputs, m: rows - shift, n: outputs, k: inputs,
                            beta: tap == taps - 1 && bias == nil ? 0 : 1)
                    }
                }
            }
        }
    }

    /// max(x, 0) in place.
    package static func rectify(_ x: inout Matrix) {
        let count = x.values.count
        x.withUnsafeMutablePointer { x in
            for index in 0..<count { x[index] = x[index] > 0 ? x[index] : 0 }
        }
    }

    /// Gradient through a ReLU, in place: stays where the output is positive.
    package static func rectifyGradient(_ dy: inout Matrix, output: Matrix) {
        let count = dy.values.count
        dy.withUnsafeMutablePointer { dy in
            output.withUnsafePointer { output in
                for index in 0..<count {
                    // Read first: a load that depends on the condition keeps the loop out of vector registers.
                    let gradient = dy[index]
                    dy[index] = output[index] > 0 ? gradient : 0
                }
            }
        }
    }

    /// sums (columns) += Σ over rows of x.
    package static func addColumnSums(of x: Matrix, to sums: inout [Float]) {
        let (rows, columns) = (x.rows, x.columns)
        x.withUnsafePointer { x in
            sums.withUnsafeMutableBufferPointer { sums in
                let sums = sums.baseAddress!
                for row in 0..<rows {
                    let frame = x + row * columns
                    for column in 0..<columns { sums[column] += frame[column] }
                }
            }
        }
    }

    /// x (rows, columns) += values (columns) in every row.
    package static func addRow(_ values: [Float], to x: inout Matrix) {
        let (rows, columns) = (x.rows, x.columns)
        x.withUnsafeMutablePointer { x in
            values.withUnsafeBufferPointer { values in
                let values = values.baseAddress!
                for row in 0..<rows {
                    let frame = x + row * columns
                    for column in 0..<columns { frame[column] += values[column] }
                }
            }
        }
    }

    private static func spread(_ bias: [Float], over y: UnsafeMutablePointer<Float>, rows: Int) {
        bias.withUnsafeBufferPointer { bias in
            for row in 0..<rows {
                (y + row * bias.count).initialize(from: bias.baseAddress!, count: bias.count)
            }
        }
    }
}
