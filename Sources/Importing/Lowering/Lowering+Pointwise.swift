import Inference

/// Operators on each value by itself: normalisation, limits, sums, products, quantization.
extension Lowering {
    mutating func normalization(_ reader: NodeReader) throws(ImportError) -> FrameOperand {
        let input = try reader.frames(0)
        let channels = input.layout.frames.channels
        guard input.layout.rank >= 2, input.layout.axes[1] == (channels > 1 ? [.channel] : []) else {
            throw reader.error("an input \(input.layout)", expected: "channels on axis 1")
        }
        var parameters: [[Float]] = []
        for index in 1...4 {
            let values = try reader.constant(index).reals
            guard values.count == channels else {
                throw reader.error("\(values.count) values as input \(index)", expected: "\(channels)")
            }
            parameters.append(values)
        }
        let epsilon = try reader.real("epsilon", default: 1e-5)
        let scale = zip(parameters[0], parameters[3]).map { $0 / ($1 + epsilon).squareRoot() }
        let shift = (0..<channels).map { parameters[1][$0] - parameters[2][$0] * scale[$0] }
        return try scaled(input, scale, shift, reader)
    }

    private mutating func scaled(
        _ input: FrameOperand, _ scale: [Float], _ shift: [Float], _ reader: NodeReader
    ) throws(ImportError) -> FrameOperand {
        guard (scale + shift).allSatisfy(\.isFinite) else {
            throw reader.error("a factor or summand that is not finite", expected: "finite numbers")
        }
        let value = try append(.convolution(.scaling(scale, shift)), [input.value], reader)
        return operand(value, input.layout.axes)
    }

    mutating func limited(_ reader: NodeReader, _ limits: ClosedRange<Float>) throws(ImportError) -> FrameOperand {
        let input = try reader.frames(0)
        let channels = input.layout.frames.channels
        let value = try append(.convolution(.movement(channels: channels)), [input.value], reader)
        limit(value, to: limits)
        return operand(value, input.layout.axes)
    }

    func clipLimits(_ reader: NodeReader) throws(ImportError) -> ClosedRange<Float> {
        func limit(_ name: String, _ index: Int, _ none: Float) throws(ImportError) -> Float {
            guard reader.has(index) else { return try reader.real(name, default: none) }
            let values = try reader.constant(index).reals
            guard values.count == 1 else { throw reader.error("\(values.count) limits", expected: "one") }
            return values[0]
        }
        let (low, high) = (try limit("min", 1, -.infinity), try limit("max", 2, .infinity))
        guard low <= high else { throw reader.error("limits \(low) and \(high)", expected: "the lower one first") }
        return low...high
    }

    /// Add, Sub, Mul and Div: of two values, or with a constant for each channel.
    mutating func arithmetic(_ reader: NodeReader) throws(ImportError) -> FrameOperand {
        guard reader.inputs.count == 2 else {
            throw reader.error("\(reader.inputs.count) inputs", expected: "2")
        }
        switch (reader.inputs[0], reader.inputs[1]) {
        case (.frames, .frames): return try sum(reader)
        case (.frames, .constant(let constant)): return try combined(reader, 0, constant, isFlipped: false)
        case (.constant(let constant), .frames): return try combined(reader, 1, constant, isFlipped: true)
        default: throw reader.error("a missing input", expected: "2 inputs")
        }
    }

    private mutating func sum(_ reader: NodeReader) throws(ImportError) -> FrameOperand {
        let (a, b) = (try reader.frames(0), try reader.frames(1))
        let rank = max(a.layout.rank, b.layout.rank)
        func padded(_ axes: [[AxisLayout.Part]]) -> [[AxisLayout.Part]] {
            Array(repeating: [], count: rank - axes.count) + axes
        }
        let axes = padded(a.layout.axes)
        guard a.layout.frames == b.layout.frames, axes == padded(b.layout.axes) else {
            throw reader.error("\(a.layout) and \(b.layout)", expected: "values of one shape, or a constant a channel")
        }
        switch reader.operation {
        case .add:
            let value = try append(.addition, [a.value, b.value], reader)
            return operand(value, axes)
        case .sub:
            let ones = [Float](repeating: -1, count: a.layout.frames.channels)
            let negative = try scaled(b, ones, ones.map { _ in 0 }, reader)
            let value = try append(.addition, [a.value, negative.value], reader)
            return operand(value, axes)
        default: throw reader.error("a product of two values", expected: "a constant as one of them")
        }
    }

    private mutating func combined(
        _ reader: NodeReader, _ index: Int, _ constant: Tensor, isFlipped: Bool
    ) throws(ImportError) -> FrameOperand {
        let input = try reader.frames(index)
        let layout = input.layout
        guard let offsets = Tensor.broadcastOffsets(constant.shape, to: layout.shape) else {
            throw reader.error(
                "a constant of shape \(constant.shape) beside \(layout)", expected: "one value, or one for each channel"
            )
        }
        let values = constant.reals
        // (frames, channels): the constant must say the same in every frame.
        let places = layout.offsets.map { values[offsets[$0]] }
        let channels = layout.frames.channels
        let row = Array(places.prefix(channels))
        guard places.indices.allSatisfy({ places[$0].bitPattern == row[$0 % channels].bitPattern }) else {
            throw reader.error("a constant that differs between frames", expected: "one value for each channel")
        }
        let (zeros, ones) = (row.map { _ in Float(0) }, row.map { _ in Float(1) })
        switch (reader.operation, isFlipped) {
        case (.add, _): return try scaled(input, ones, row, reader)
        case (.sub, false): return try scaled(input, ones, row.map { -$0 }, reader)
        case (.sub, true): return try scaled(input, ones.map { -$0 }, row, reader)
        case (.mul, _): return try scaled(input, row, zeros, reader)
        case (.div, false): return try scaled(input, row.map { 1 / $0 }, zeros, reader)
        default: throw reader.error("a constant divided by a value", expected: "a value divided by a constant")
        }
    }

    mutating func quantized(_ reader: NodeReader) throws(ImportError) -> FrameOperand {
        var input = try reader.frames(0)
        let quantization = try QuantizationParameters(reader).activation()
        // Other readers of the value see it as it was, so it gets a node of its own; simplifying joins them again.
        if self.quantization(input.value) != quantization {
            if input.value == 0 && self.quantization(0) == nil {
                mark(0, quantization)
            } else {
                let channels = input.layout.frames.channels
                input.value = try append(.convolution(.movement(channels: channels)), [input.value], reader)
                mark(input.value, quantization)
            }
        }
        input.integers = quantization
        return input
    }

    func dequantized(_ reader: NodeReader) throws(ImportError) -> FrameOperand {
        var input = try reader.anyFrames(0)
        let quantization = try QuantizationParameters(reader).activation()
        guard let integers = input.integers else {
            throw reader.error("real numbers", expected: "QuantizeLinear before it")
        }
        guard integers == quantization else {
            throw reader.error(
                "scale \(quantization.scale), zero point \(quantization.zeroPoint)",
                expected: "scale \(integers.scale), zero point \(integers.zeroPoint), as they were quantized with")
        }
        input.integers = nil
        return input
    }
}
