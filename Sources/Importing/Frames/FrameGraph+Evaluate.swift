import Inference

extension FrameGraph {
    /// Runs one window in float32.
    /// - Parameters:
    ///   - window: (frames, channels); any number of frames where every operation allows it.
    ///   - quantized: round where the model is quantized, as a quantized model's float form does.
    ///   - observe: shown every value, the input as value 0.
    /// - Returns: (frames, channels) of the output.
    package func evaluate(
        _ window: [Float], quantized: Bool = true, observe: (Int, [Float]) -> Void = { _, _ in }
    ) -> [Float] {
        precondition(window.count == input.count, "found \(window.count) values, expected \(input.count)")
        var values = [window]
        if quantized, let inputQuantization { inputQuantization.round(&values[0]) }
        observe(0, values[0])
        for node in nodes {
            var value: [Float]
            switch node.operation {
            case .convolution(let convolution):
                value = convolution.apply(to: values[node.inputs[0]], frames: node.shape.frames)
            case .addition:
                value = zip(values[node.inputs[0]], values[node.inputs[1]]).map { $0 + $1 }
            case .concatenation(.time):
                value = node.inputs.flatMap { values[$0] }
            case .concatenation(.channel):
                value = (0..<node.shape.frames).flatMap { frame in
                    node.inputs.flatMap { input in
                        let channels = shape(input).channels
                        return values[input][frame * channels..<(frame + 1) * channels]
                    }
                }
            }
            if node.limits != Self.unlimited {
                for index in value.indices {
                    value[index] = max(node.limits.lowerBound, min(node.limits.upperBound, value[index]))
                }
            }
            if quantized, let quantization = node.quantization { quantization.round(&value) }
            values.append(value)
            observe(values.count - 1, value)
        }
        return values[values.count - 1]
    }
}

extension ActivationQuantization {
    /// Each value becomes the nearest one that int8 can hold.
    func round(_ values: inout [Float]) {
        for index in values.indices { values[index] = dequantize(quantize(values[index])) }
    }

    func quantize(_ value: Float) -> Int8 {
        guard !value.isNaN else { return zeroPoint }
        let steps = (value / scale).rounded(.toNearestOrEven) + Float(zeroPoint)
        return Int8(max(-128, min(127, steps)))
    }
}

extension FrameConvolution {
    /// - Parameters:
    ///   - source: (frames, inputs)
    ///   - frames: of the output.
    func apply(to source: [Float], frames: Int) -> [Float] {
        let length = source.count / inputs
        var result = [Float](repeating: 0, count: frames * outputs)
        result.withUnsafeMutableBufferPointer { result in
            source.withUnsafeBufferPointer { source in
                weight.withUnsafeBufferPointer { weight in
                    for frame in 0..<frames {
                        for output in 0..<outputs {
                            var sum = bias[output]
                            for tap in 0..<taps {
                                let at = frame * stride + tap * dilation - before
                                guard at >= 0, at < length else { continue }
                                if isDepthwise {
                                    sum += source[at * inputs + output] * weight[output * taps + tap]
                                    continue
                                }
                                for input in 0..<inputs {
                                    sum += source[at * inputs + input] * weight[(output * inputs + input) * taps + tap]
                                }
                            }
                            result[frame * outputs + output] = sum
                        }
                    }
                }
            }
        }
        return result
    }
}
