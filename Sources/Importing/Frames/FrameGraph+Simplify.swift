extension FrameGraph {
    /// Folds what need not be computed: batch norms and limits into what makes their input, padding and cropping into
    /// the convolutions beside them. Values change by float rounding at most; quantized ones not at all.
    /// - Parameter cropsStart: also fold crops of the first frames, which a stream needs to see as they are.
    package mutating func simplify(cropsStart: Bool) {
        var index = 0
        while index < nodes.count {
            if nodes.count > 1 && simplify(index, cropsStart: cropsStart) {
                removeUnread()
                index = 0
            } else {
                index += 1
            }
        }
    }

    /// One rule on one node; true when something changed.
    private mutating func simplify(_ index: Int, cropsStart: Bool) -> Bool {
        if joinTwin(index) { return true }
        guard case .convolution(let convolution) = nodes[index].operation else { return false }
        return dropIdentity(index, convolution) || foldIntoSource(index, convolution)
            || takeMovement(index, convolution) || (cropsStart && takeScaling(index, convolution))
            || crop(index, convolution, cropsStart: cropsStart)
    }

    /// The last node is the output, so it goes only where its source becomes the last.
    private func canRemove(_ index: Int) -> Bool {
        index < nodes.count - 1 || nodes[index].inputs[0] == index && index > 0
    }

    private func source(of index: Int) -> Int { nodes[index].inputs[0] }

    /// The node that makes the input, where nothing else reads it.
    private func onlySource(of index: Int) -> Int? {
        let value = source(of: index)
        return value > 0 && readers(value) == [index] && nodes[index].inputs.count == 1 ? value - 1 : nil
    }

    /// Two nodes that compute the same are one.
    private mutating func joinTwin(_ index: Int) -> Bool {
        guard index < nodes.count - 1 else { return false }
        let node = nodes[index]
        let twin = nodes[..<index].firstIndex {
            $0.inputs == node.inputs && $0.limits == node.limits && $0.quantization == node.quantization
                && $0.operation == node.operation
        }
        guard let twin else { return false }
        remove(index, reading: twin + 1)
        return true
    }

    private mutating func dropIdentity(_ index: Int, _ convolution: FrameConvolution) -> Bool {
        let node = nodes[index]
        guard convolution.isMovement, convolution.isScaling, node.limits == Self.unlimited,
            node.quantization == nil || node.quantization == quantization(source(of: index)), canRemove(index)
        else { return false }
        remove(index, reading: source(of: index))
        return true
    }

    /// Scaling, limits and quantization of a value that nothing else reads belong to what makes it.
    private mutating func foldIntoSource(_ index: Int, _ convolution: FrameConvolution) -> Bool {
        let node = nodes[index]
        guard convolution.isScaling, let maker = onlySource(of: index), canRemove(index),
            let limits = Self.limits(nodes[maker].limits, then: node.limits)
        else { return false }
        let quantization = nodes[maker].quantization
        if convolution.isMovement {
            guard quantization == nil || node.quantization == nil || quantization == node.quantization else {
                return false
            }
            if case .concatenation = nodes[maker].operation, node.limits != Self.unlimited { return false }
            nodes[maker].limits = limits
        } else {
            guard case .convolution(var source) = nodes[maker].operation, quantization == nil,
                nodes[maker].limits == Self.unlimited
            else { return false }
            for output in 0..<source.outputs {
                source.scaleOutput(output, by: convolution.weight[output], adding: convolution.bias[output])
            }
            nodes[maker].operation = .convolution(source)
            nodes[maker].limits = node.limits
        }
        nodes[maker].quantization = quantization ?? node.quantization
        remove(index, reading: maker + 1)
        return true
    }

    /// One limit after another; nil where nothing lies in both.
    private static func limits(_ first: ClosedRange<Float>, then second: ClosedRange<Float>) -> ClosedRange<Float>? {
        first.overlaps(second) ? first.clamped(to: second) : nil
    }

    /// A convolution that reads padded or cropped frames pads or crops itself.
    private mutating func takeMovement(_ index: Int, _ convolution: FrameConvolution) -> Bool {
        let value = source(of: index)
        guard value > 0, case .convolution(let movement) = nodes[value - 1].operation, movement.isMovement,
            nodes[value - 1].limits == Self.unlimited,
            nodes[value - 1].quantization == nil
                || nodes[value - 1].quantization == quantization(source(of: value - 1))
        else { return false }
        var result = convolution
        if movement.stride == 1 {
            // Zeros may not stand where frames were cropped.
            guard movement.before >= 0 || convolution.before <= 0, movement.after >= 0 || convolution.after <= 0 else {
                return false
            }
            result.before += movement.before
        } else {
            guard convolution.taps == 1, convolution.before == 0, convolution.after == 0 else { return false }
            result.before = movement.before
            result.stride *= movement.stride
        }
        let origin = source(of: value - 1)
        result.fit(frames: nodes[index].shape.frames, input: shape(origin).frames)
        nodes[index].operation = .convolution(result)
        nodes[index].inputs[0] = origin
        return true
    }

    /// A convolution whose frames are cropped makes only those that are left.
    private mutating func crop(_ index: Int, _ movement: FrameConvolution, cropsStart: Bool) -> Bool {
        guard movement.isMovement, movement.before <= 0, movement.after <= 0, nodes[index].limits == Self.unlimited,
            cropsStart || movement.before == 0 && movement.stride == 1, canRemove(index),
            let maker = onlySource(of: index), case .convolution(var source) = nodes[maker].operation,
            nodes[index].quantization == nil || nodes[maker].quantization == nodes[index].quantization
                || nodes[maker].quantization == nil
        else { return false }
        source.before += movement.before * source.stride
        source.stride *= movement.stride
        nodes[maker].shape.frames = nodes[index].shape.frames
        source.fit(frames: nodes[index].shape.frames, input: shape(self.source(of: maker)).frames)
        nodes[maker].operation = .convolution(source)
        nodes[maker].quantization = nodes[maker].quantization ?? nodes[index].quantization
        remove(index, reading: maker + 1)
        return true
    }

    /// A convolution that reads scaled frames scales by its weights; padding stands in the way of a shift.
    private mutating func takeScaling(_ index: Int, _ convolution: FrameConvolution) -> Bool {
        guard let maker = onlySource(of: index), case .convolution(let scaling) = nodes[maker].operation,
            scaling.isScaling, !scaling.isMovement, nodes[maker].limits == Self.unlimited,
            nodes[maker].quantization == nil, convolution.steps == nil, !convolution.isDepthwise,
            scaling.bias.allSatisfy({ $0 == 0 }) || convolution.before <= 0 && convolution.after <= 0
        else { return false }
        var result = convolution
        for output in 0..<result.outputs {
            for input in 0..<result.inputs {
                for tap in 0..<result.taps {
                    let place = (output * result.inputs + input) * result.taps + tap
                    result.bias[output] += result.weight[place] * scaling.bias[input]
                    result.weight[place] *= scaling.weight[input]
                }
            }
        }
        nodes[index].operation = .convolution(result)
        nodes[index].inputs = nodes[maker].inputs
        return true
    }
}

extension FrameConvolution {
    /// Sets what stands behind the last frame so that so many frames come out, exactly.
    mutating func fit(frames: Int, input: Int) {
        after = (frames - 1) * stride + span - before - input
    }
}
