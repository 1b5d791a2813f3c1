/// Operators that move, pick, join and average.
extension Lowering {
    /// Transpose, Reshape and the like: only the layout changes.
    func moved(_ reader: NodeReader) throws(ImportError) -> FrameOperand {
        var input = try reader.anyFrames(0)
        if reader.operation == .transpose {
            let order = try reader.order(rank: input.layout.rank)
            input.layout = AxisLayout(order.map { input.layout.axes[$0] }, input.layout.frames)
            return input
        }
        let shape = try reader.newShape(of: input.layout.shape)
        guard let layout = input.layout.reshaped(shape) else {
            throw reader.error(
                "\(input.layout) reshaped to \(shape)", expected: "a shape that splits neither time nor channels")
        }
        input.layout = layout
        return input
    }

    /// The node's input as real numbers or integers, and what it gives back: both are moved alike.
    private mutating func moving(
        _ input: FrameOperand, _ convolution: FrameConvolution, _ axes: [[AxisLayout.Part]], _ reader: NodeReader
    ) throws(ImportError) -> FrameOperand {
        let value = try append(.convolution(convolution), [input.value], reader)
        if let integers = input.integers { mark(value, integers) }
        var result = operand(value, axes)
        result.integers = input.integers
        return result
    }

    mutating func padded(_ reader: NodeReader) throws(ImportError) -> FrameOperand {
        let input = try reader.frames(0)
        let layout = input.layout
        guard layout.rank > 0 else { throw reader.error("a value without axes", expected: "an axis of time") }
        guard try reader.text("mode", default: "constant") == "constant" else {
            throw reader.error("mode \(try reader.text("mode", default: "").prefix(20))", expected: "constant")
        }
        let value = reader.has(2) ? try reader.constant(2).reals.first ?? 0 : try reader.real("value", default: 0)
        guard value == 0 else { throw reader.error("padding with \(value)", expected: "with 0") }
        guard let pads = try reader.integers("pads", orInput: 1) else {
            throw reader.error("no pads", expected: "pads")
        }
        let axes =
            reader.has(3) ? try reader.axes(try reader.integers(3), rank: layout.rank) : Array(0..<layout.rank)
        guard pads.count == 2 * axes.count, pads.allSatisfy({ $0.magnitude <= 1 << 20 }) else {
            throw reader.error("pads \(pads)", expected: "two up to \(1 << 20) for each of \(axes.count) axes")
        }
        var movement = FrameConvolution.movement(channels: layout.frames.channels)
        // Where there is one frame, time may stand on any axis of size 1; the last one is where exporters put it.
        let time = layout.axis(of: .time) ?? (layout.frames.frames == 1 ? layout.rank - 1 : nil)
        for (index, axis) in axes.enumerated() where pads[index] != 0 || pads[index + axes.count] != 0 {
            guard axis == time else {
                throw reader.error("pads \(pads) for \(layout)", expected: "padding of time only")
            }
            (movement.before, movement.after) = (pads[index], pads[index + axes.count])
        }
        var result = layout.axes
        if let time { result[time] = [.time] }
        return try moving(input, movement, result, reader)
    }

    mutating func sliced(_ reader: NodeReader) throws(ImportError) -> FrameOperand {
        var input = try reader.anyFrames(0)
        for slice in try reader.slices(of: input.layout.shape) {
            let elements = Array(slice.elements)
            if elements == Array(0..<input.layout.size(slice.axis)) { continue }
            input = try picked(input, axis: slice.axis, elements, reader)
        }
        return input
    }

    mutating func gathered(_ reader: NodeReader) throws(ImportError) -> FrameOperand {
        let input = try reader.anyFrames(0)
        let axis = try reader.axis(try reader.integer("axis", default: 0), rank: input.layout.rank)
        let indices = try ConstantFolding.indices(reader, size: input.layout.size(axis))
        var result = try picked(input, axis: axis, indices, reader)
        let rank = try reader.constant(1).rank
        guard rank <= 1 else { throw reader.error("indices of \(rank) dimensions", expected: "0 or 1") }
        if rank == 0 {
            var axes = result.layout.axes
            axes.remove(at: axis)
            result.layout = AxisLayout(axes, result.layout.frames)
        }
        return result
    }

    /// Elements of one axis: evenly spaced frames, or any channels.
    private mutating func picked(
        _ input: FrameOperand, axis: Int, _ elements: [Int], _ reader: NodeReader
    ) throws(ImportError) -> FrameOperand {
        let layout = input.layout
        guard let first = elements.first, let last = elements.last else {
            throw reader.error("nothing left of axis \(axis)", expected: "at least one element")
        }
        switch layout.axes[axis] {
        case [] where elements == [0]: return input
        case [.time]:
            let stride = elements.count > 1 ? elements[1] - first : 1
            guard stride > 0, elements.indices.allSatisfy({ elements[$0] == first + $0 * stride }) else {
                throw reader.error("frames \(elements.prefix(8))", expected: "evenly spaced ones in order")
            }
            let movement = FrameConvolution.movement(
                channels: layout.frames.channels, before: -first, after: last + 1 - layout.frames.frames, stride: stride
            )
            return try moving(input, movement, layout.axes, reader)
        case [.channel]:
            let channels = layout.frames.channels
            guard Tensor.count([elements.count, channels]) != nil else {
                throw reader.error("\(elements.count) channels", expected: "fewer")
            }
            var weight = [Float](repeating: 0, count: elements.count * channels)
            for (output, element) in elements.enumerated() { weight[output * channels + element] = 1 }
            let pick = FrameConvolution(
                outputs: elements.count, inputs: channels, taps: 1, weight: weight,
                bias: [Float](repeating: 0, count: elements.count))
            return try moving(input, pick, layout.axes, reader)
        default:
            throw reader.error("elements of axis \(axis) of \(layout)", expected: "frames or channels")
        }
    }

    mutating func concatenated(_ reader: NodeReader) throws(ImportError) -> FrameOperand {
        var parts: [FrameOperand] = []
        for index in reader.inputs.indices { parts.append(try reader.frames(index)) }
        let layouts = parts.map(\.layout)
        let axis = try reader.axis(try reader.integer("axis", default: 0), rank: layouts[0].rank)
        // What else stands on an axis says what this one is; the first part may have a size of 1 anywhere.
        let named = layouts.first { $0.rank > axis && !$0.axes[axis].isEmpty }?.axes[axis]
        let elsewhere = layouts.flatMap {
            $0.axes.indices.contains(axis) ? $0.axes.enumerated().filter { $0.offset != axis }.flatMap(\.element) : []
        }
        let part = named ?? (elsewhere.contains(.channel) ? [.time] : [.channel])
        guard part == [.time] || part == [.channel], !elsewhere.contains(part[0]) else {
            throw reader.error(
                layouts.map(\.description).joined(separator: " and "), expected: "values joined along time or channels")
        }
        let isTime = part == [.time]
        var axes: [[AxisLayout.Part]] = Array(repeating: [], count: layouts[0].rank)
        for layout in layouts where layout.rank == axes.count {
            for place in axes.indices where !layout.axes[place].isEmpty { axes[place] = layout.axes[place] }
        }
        axes[axis] = part
        guard
            layouts.allSatisfy({ layout in
                layout.rank == axes.count
                    && (isTime
                        ? layout.frames.channels == layouts[0].frames.channels
                        : layout.frames.frames == layouts[0].frames.frames)
                    && axes.indices.allSatisfy { layout.axes[$0].isEmpty || layout.axes[$0] == axes[$0] }
            })
        else {
            throw reader.error(
                layouts.map(\.description).joined(separator: " and "),
                expected: "shapes that differ on axis \(axis) only")
        }
        let value = try append(.concatenation(isTime ? .time : .channel), parts.map(\.value), reader)
        return operand(value, axes)
    }

    /// GlobalAveragePool and ReduceMean, over time or channels or both.
    mutating func averaged(_ reader: NodeReader) throws(ImportError) -> FrameOperand {
        let input = try reader.frames(0)
        var (value, axes) = (input.value, input.layout.axes)
        let rank = axes.count
        let given: [Int]
        if reader.operation == .globalAveragePool {
            given = Array(2..<max(2, rank))
        } else {
            let named = try reader.integers("axes", orInput: 1) ?? []
            let keepsAll = try reader.integer("noop_with_empty_axes", default: 0) != 0
            given = named.isEmpty && !keepsAll ? Array(0..<rank) : named
        }
        let means = try reader.axes(given, rank: rank)
        for axis in means {
            for part in axes[axis] {
                let shape = graph.shape(value)
                let mean: FrameConvolution
                if part == .time {
                    mean = FrameConvolution(
                        outputs: shape.channels, inputs: shape.channels, taps: shape.frames, isDepthwise: true,
                        weight: [Float](repeating: 1 / Float(shape.frames), count: shape.channels * shape.frames),
                        bias: [Float](repeating: 0, count: shape.channels))
                } else {
                    mean = FrameConvolution(
                        outputs: 1, inputs: shape.channels, taps: 1,
                        weight: [Float](repeating: 1 / Float(shape.channels), count: shape.channels), bias: [0])
                }
                value = try append(.convolution(mean), [value], reader)
            }
        }
        if reader.operation == .reduceMean, try reader.integer("keepdims", default: 1) == 0 {
            axes = axes.indices.filter { !means.contains($0) }.map { axes[$0] }
        }
        return operand(value, axes)
    }
}
