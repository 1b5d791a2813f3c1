/// Batch normalisation of each channel over all rows (Ioffe and Szegedy, 2015), folded away before quantization.
package struct BatchNormalization: ParameterGroup, Sendable {
    package static let epsilon: Float = 1e-5

    package var gain: Parameter  // (channels)
    package var shift: Parameter  // (channels)
    package var runningMean: [Float]  // (channels)
    package var runningVariance: [Float]  // (channels)
    /// Share of the newest batch in the running statistics.
    package var momentum: Float = 0.02

    private var input: Matrix?
    private var mean: [Float] = []
    private var inverseDeviation: [Float] = []

    package init(_ name: String, channels: Int, gain initialGain: Float = 1) {
        gain = Parameter("\(name).gain", Array(repeating: initialGain, count: channels), decays: false)
        shift = Parameter("\(name).shift", Array(repeating: 0, count: channels), decays: false)
        runningMean = Array(repeating: 0, count: channels)
        runningVariance = Array(repeating: 1, count: channels)
    }

    /// (rows, channels) → (rows, channels). In training mode the running statistics move too.
    package mutating func forward(_ x: Matrix, _ mode: PassMode) -> Matrix {
        switch mode {
        case .inference:
            let (scale, offset) = affine()
            return Self.apply(x, scale, offset)
        case .training:
            let (mean, variance) = Self.moments(x)
            for channel in mean.indices {
                runningMean[channel] += momentum * (mean[channel] - runningMean[channel])
                runningVariance[channel] += momentum * (variance[channel] - runningVariance[channel])
            }
            input = x
            self.mean = mean
            inverseDeviation = variance.map { 1 / ($0 + Self.epsilon).squareRoot() }
            let scale = zip(gain.value, inverseDeviation).map { $0 * $1 }
            let offset = mean.indices.map { shift.value[$0] - mean[$0] * scale[$0] }
            return Self.apply(x, scale, offset)
        }
    }

    /// Adds to the gradients of gain and shift and returns the input's.
    package mutating func backward(_ dy: Matrix) -> Matrix {
        guard let x = input.take() else { preconditionFailure("backward without a forward pass in training mode") }
        let (rows, channels) = (dy.rows, dy.columns)
        var sum = [Float](repeating: 0, count: channels)
        var product = [Float](repeating: 0, count: channels)  // Σ dy · x̂
        dy.withUnsafePointer { dy in
            x.withUnsafePointer { x in
                sum.withUnsafeMutableBufferPointer { sum in
                    product.withUnsafeMutableBufferPointer { product in
                        mean.withUnsafeBufferPointer { mean in
                            let (sum, product, mean) = (sum.baseAddress!, product.baseAddress!, mean.baseAddress!)
                            for row in 0..<rows {
                                let (g, v) = (dy + row * channels, x + row * channels)
                                for channel in 0..<channels {
                                    sum[channel] += g[channel]
                                    product[channel] += g[channel] * (v[channel] - mean[channel])
                                }
                            }
                        }
                    }
                }
            }
        }
        // dx = gain/σ · (dy − mean(dy) − x̂ · mean(dy · x̂)), written as a·dy + b·x + c for each channel.
        var a = [Float](repeating: 0, count: channels)
        var b = a
        var c = a
        for channel in 0..<channels {
            let inverse = inverseDeviation[channel]
            product[channel] *= inverse
            gain.gradient[channel] += product[channel]
            shift.gradient[channel] += sum[channel]
            a[channel] = gain.value[channel] * inverse
            b[channel] = -a[channel] * inverse * product[channel] / Float(rows)
            c[channel] = -a[channel] * sum[channel] / Float(rows) - b[channel] * mean[channel]
        }
        return Matrix(rows: rows, columns: channels) { dx in
            dy.withUnsafePointer { dy in
                x.withUnsafePointer { x in
                    a.withUnsafeBufferPointer { a in
                        b.withUnsafeBufferPointer { b in
                            c.withUnsafeBufferPointer { c in
                                let (a, b, c) = (a.baseAddress!, b.baseAddress!, c.baseAddress!)
                                for row in 0..<rows {
                                    let offset = row * channels
                                    let (g, v, out) = (dy + offset, x + offset, dx + offset)
                                    for channel in 0..<channels {
                                        out[channel] = a[channel] * g[channel] + b[channel] * v[channel] + c[channel]
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// The normalisation with running statistics as y = scale · x + offset, for folding into the layer before.
    package func affine() -> (scale: [Float], offset: [Float]) {
        let scale = gain.value.indices.map {
            gain.value[$0] / (runningVariance[$0] + Self.epsilon).squareRoot()
        }
        return (scale, scale.indices.map { shift.value[$0] - runningMean[$0] * scale[$0] })
    }

    package mutating func forEachParameter(_ body: (inout Parameter) -> Void) {
        body(&gain)
        body(&shift)
    }

    private static func apply(_ x: Matrix, _ scale: [Float], _ offset: [Float]) -> Matrix {
        let (rows, channels) = (x.rows, x.columns)
        return Matrix(rows: rows, columns: channels) { y in
            x.withUnsafePointer { x in
                scale.withUnsafeBufferPointer { scale in
                    offset.withUnsafeBufferPointer { offset in
                        let (scale, offset) = (scale.baseAddress!, offset.baseAddress!)
                        for row in 0..<rows {
                            let (source, target) = (x + row * channels, y + row * channels)
                            for channel in 0..<channels {
                                target[channel] = source[channel] * scale[channel] + offset[channel]
                            }
                        }
                    }
                }
            }
        }
    }

    /// Mean and biased variance of each column, in two passes so that a large mean costs no digits.
    private static func moments(_ x: Matrix) -> (mean: [Float], variance: [Float]) {
        let (rows, channels) = (x.rows, x.columns)
        var mean = [Float](repeating: 0, count: channels)
        var variance = mean
        FloatKernels.addColumnSums(of: x, to: &mean)
        for channel in 0..<channels { mean[channel] /= Float(rows) }
        x.withUnsafePointer { x in
            mean.withUnsafeBufferPointer { mean in
                variance.withUnsafeMutableBufferPointer { variance in
                    let (mean, variance) = (mean.baseAddress!, variance.baseAddress!)
                    for row in 0..<rows {
                        let frame = x + row * channels
                        for channel in 0..<channels {
                            let difference = frame[channel] - mean[channel]
                            variance[channel] += difference * difference
                        }
                    }
                }
            }
        }
        for channel in 0..<channels { variance[channel] /= Float(rows) }
        return (mean, variance)
    }
}
