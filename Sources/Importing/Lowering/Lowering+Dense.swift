/// Convolutions and matrix products.
extension Lowering {
    /// Conv over time: in one dimension, or in two where the other has size 1.
    mutating func convolution(_ reader: NodeReader) throws(ImportError) -> FrameOperand {
        let input = try reader.frames(0)
        let layout = input.layout
        let weight = try reader.constant(1)
        guard layout.rank == 3 || layout.rank == 4, weight.rank == layout.rank else {
            throw reader.error(
                "an input \(layout) and a weight of shape \(weight.shape)", expected: "both of 3 or 4 dimensions")
        }
        let spatial = 2..<layout.rank
        let time = layout.axis(of: .time) ?? spatial.max { weight.shape[$0] < weight.shape[$1] }!
        guard layout.axes[0].isEmpty, layout.axes[1] == (layout.frames.channels > 1 ? [.channel] : []),
            spatial.contains(time), spatial.allSatisfy({ $0 == time || layout.axes[$0].isEmpty })
        else {
            throw reader.error("an input \(layout)", expected: "(1, channels, time), or with one more axis of size 1")
        }
        guard spatial.allSatisfy({ $0 == time || weight.shape[$0] == 1 }) else {
            throw reader.error(
                "a kernel of shape \(Array(weight.shape[2...]))", expected: "size 1 on the axis of size 1")
        }
        let groups = try reader.integer("group", default: 1)
        let (outputs, inputs, taps) = (weight.shape[0], layout.frames.channels, weight.shape[time])
        guard groups > 0, inputs % groups == 0, outputs % groups == 0, weight.shape[1] == inputs / groups,
            outputs > 0, taps > 0, taps <= 65536
        else {
            throw reader.error(
                "a weight of shape \(weight.shape) in \(groups) groups", expected: "\(inputs) channels in")
        }
        let bias = try bias(reader, 2, count: outputs)
        var convolution = FrameConvolution(
            outputs: outputs, inputs: inputs, taps: taps,
            isDepthwise: groups == inputs && outputs == inputs && groups > 1,
            weight: weight.reals, bias: bias)
        if groups > 1 && !convolution.isDepthwise { try ungroup(&convolution, groups, reader) }
        convolution.steps = steps(weight, axis: 0, count: outputs)
        try placement(&convolution, reader, axis: time - 2, spatial: layout.rank - 2)
        let value = try append(.convolution(convolution), [input.value], reader)
        var axes = layout.axes
        axes[1] = [.channel]
        axes[time] = [.time]
        return operand(value, axes)
    }

    /// Strides, dilations and pads.
    private func placement(
        _ convolution: inout FrameConvolution, _ reader: NodeReader, axis: Int, spatial: Int
    ) throws(ImportError) {
        func parameter(_ name: String, _ value: Int, count: Int) throws(ImportError) -> [Int] {
            let values = try reader.integers(name) ?? Array(repeating: value, count: count)
            guard values.count == count, values.allSatisfy({ (0...1 << 20).contains($0) }) else {
                throw reader.error("\(name) \(values)", expected: "\(count) sizes up to \(1 << 20)")
            }
            return values
        }
        convolution.stride = try parameter("strides", 1, count: spatial)[axis]
        convolution.dilation = try parameter("dilations", 1, count: spatial)[axis]
        guard convolution.stride > 0, convolution.dilation > 0 else {
            throw reader.error("a stride or dilation of 0", expected: "at least 1")
        }
        let pads = try parameter("pads", 0, count: 2 * spatial)
        let frames = try reader.frames(0).layout.frames.frames
        switch try reader.text("auto_pad", default: "NOTSET") {
        case "NOTSET", "VALID":
            (convolution.before, convolution.after) = (pads[axis], pads[axis + spatial])
            if let other = (0..<spatial).first(where: { $0 != axis && (pads[$0] > 0 || pads[$0 + spatial] > 0) }) {
                throw reader.error("pads \(pads)", expected: "none on axis \(other + 2), which has size 1")
            }
        case let mode where mode == "SAME_UPPER" || mode == "SAME_LOWER":
            let wanted = (frames + convolution.stride - 1) / convolution.stride
            let total = max(0, (wanted - 1) * convolution.stride + convolution.span - frames)
            convolution.before = mode == "SAME_UPPER" ? total / 2 : total - total / 2
            convolution.after = total - convolution.before
        case let mode:
            throw reader.error("auto_pad \(mode.prefix(20))", expected: "NOTSET, VALID, SAME_UPPER or SAME_LOWER")
        }
    }

    /// Groups that are not depthwise become a dense convolution with zeros between the groups.
    private func ungroup(_ convolution: inout FrameConvolution, _ groups: Int, _ reader: NodeReader) throws(ImportError)
    {
        let (outputs, inputs, taps) = (convolution.outputs, convolution.inputs, convolution.taps)
        let (width, height) = (inputs / groups, outputs / groups)
        guard let count = Tensor.count([outputs, inputs, taps]) else {
            throw reader.error("\(groups) groups", expected: "a smaller convolution")
        }
        var weight = [Float](repeating: 0, count: count)
        for output in 0..<outputs {
            for input in 0..<width {
                for tap in 0..<taps {
                    weight[(output * inputs + output / height * width + input) * taps + tap] =
                        convolution.weight[(output * width + input) * taps + tap]
                }
            }
        }
        convolution.weight = weight
    }

    private func bias(_ reader: NodeReader, _ index: Int, count: Int) throws(ImportError) -> [Float] {
        guard reader.has(index) else { return [Float](repeating: 0, count: count) }
        let bias = try reader.constant(index).reals
        guard bias.count == count else { throw reader.error("\(bias.count) biases", expected: "\(count)") }
        return bias
    }

    /// Steps of each output where the weight was quantized along its output axis or as a whole.
    private func steps(_ weight: Tensor, axis: Int, count: Int) -> [Float]? {
        guard let steps = weight.steps else { return nil }
        if steps.sizes.count == 1 { return Array(repeating: steps.sizes[0], count: count) }
        return steps.axis == axis ? steps.sizes : nil
    }

    mutating func gemm(_ reader: NodeReader) throws(ImportError) -> FrameOperand {
        guard try reader.integer("transA", default: 0) == 0 else { throw reader.error("transA 1", expected: "0") }
        var weight = try reader.constant(1)
        guard weight.rank == 2 else { throw reader.error("a weight of shape \(weight.shape)", expected: "a matrix") }
        if try reader.integer("transB", default: 0) != 0 { weight = weight.transposed([1, 0]) }
        let outputs = weight.shape[1]
        let (alpha, beta) = (try reader.real("alpha", default: 1), try reader.real("beta", default: 1))
        var bias = [Float](repeating: 0, count: outputs)
        if reader.has(2) {
            let given = try reader.constant(2)
            guard let offsets = Tensor.broadcastOffsets(given.shape, to: [1, outputs]) else {
                throw reader.error("a bias of shape \(given.shape)", expected: "[\(outputs)]")
            }
            let values = given.reals
            bias = offsets.map { values[$0] * beta }
        }
        return try product(reader, weight, bias: bias, alpha: alpha)
    }

    mutating func matrixProduct(_ reader: NodeReader) throws(ImportError) -> FrameOperand {
        guard case .frames? = reader.inputs.first else {
            throw reader.error("a constant on the left", expected: "a value times a constant matrix")
        }
        var weight = try reader.constant(1)
        guard weight.rank >= 2, weight.shape.dropLast(2).allSatisfy({ $0 == 1 }) else {
            throw reader.error("a weight of shape \(weight.shape)", expected: "a matrix")
        }
        weight = weight.reshaped(Array(weight.shape.suffix(2)))
        return try product(reader, weight, bias: [Float](repeating: 0, count: weight.shape[1]), alpha: 1)
    }

    /// The last axis times a matrix (in, out): a convolution of one tap over channels, or of all taps where the axis
    /// is a whole flattened window.
    private mutating func product(
        _ reader: NodeReader, _ weight: Tensor, bias: [Float], alpha: Float
    ) throws(ImportError) -> FrameOperand {
        let input = try reader.frames(0)
        let layout = input.layout
        guard let last = layout.axes.last, layout.size(layout.rank - 1) == weight.shape[0], weight.shape[1] > 0 else {
            throw reader.error("\(layout) times \(weight.shape)", expected: "shapes that fit")
        }
        let others = layout.axes.dropLast().flatMap { $0 }
        let (channels, outputs) = (layout.frames.channels, weight.shape[1])
        guard !others.contains(.channel), !(last.contains(.time) && others.contains(.time)) else {
            throw reader.error("a product over an axis of \(layout)", expected: "one over channels or a whole window")
        }
        let taps = last.contains(.time) ? layout.frames.frames : 1
        guard taps <= 65536 else { throw reader.error("\(taps) frames", expected: "at most 65536") }
        let source = weight.reals
        // Row of the matrix for each (tap, channel).
        let rows = taps > 1 ? AxisLayout([last], layout.frames).offsets : Array(0..<channels)
        var values = [Float](repeating: 0, count: outputs * channels * taps)
        for tap in 0..<taps {
            for channel in 0..<channels {
                let row = rows[tap * channels + channel] * outputs
                for output in 0..<outputs {
                    values[(output * channels + channel) * taps + tap] = source[row + output] * alpha
                }
            }
        }
        var convolution = FrameConvolution(outputs: outputs, inputs: channels, taps: taps, weight: values, bias: bias)
        convolution.steps = steps(weight, axis: 1, count: outputs)?.map { $0 * alpha.magnitude }
        let value = try append(.convolution(convolution), [input.value], reader)
        return operand(value, layout.axes.dropLast() + [[.channel]])
    }
}
