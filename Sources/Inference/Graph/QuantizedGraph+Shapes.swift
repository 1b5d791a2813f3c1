extension QuantizedGraph {
    static let maximumOperations = 512
    static let maximumChannels = 4096
    /// Of one value, and of all values of a step together.
    static let maximumValues = 1 << 22
    static let maximumStepValues = 1 << 25

    /// The shape of every value. Throws unless every size is possible; all factors are bounded before they meet.
    func shapes() throws(BundleError) -> [Shape] {
        try check("samples", inputShape.frames, 1...65536)
        try check("input_channels", inputShape.channels, 1...Self.maximumChannels)
        guard inputShape.count <= 65536 else {
            throw Self.error("samples", found: "\(inputShape.count) values a step", expected: "at most 65536")
        }
        try check("operations", nodes.count, 1...Self.maximumOperations)
        var shapes = [inputShape]
        var (weights, values, state) = (0, inputShape.count, 0)
        for (index, node) in nodes.enumerated() {
            let key = "operations.\(index)"
            for input in node.inputs where !(0...index).contains(input) {
                throw Self.error("\(key).input", found: "\(input)", expected: "a value made before, 0...\(index)")
            }
            let shape = try shape(of: node, inputs: node.inputs.map { shapes[$0] }, key: key)
            guard shape.channels <= Self.maximumChannels, shape.frames <= Self.maximumValues / shape.channels else {
                throw Self.error(
                    key, found: "\(shape.frames) frames of \(shape.channels) channels",
                    expected: "at most \(Self.maximumChannels) channels and \(Self.maximumValues) values")
            }
            if case .convolution(let convolution) = node.operation {
                weights += convolution.layer.inputs * convolution.layer.outputs * convolution.layer.taps
                if let slots = slots(convolution, shapes[node.inputs[0]]) {
                    state += slots * shapes[node.inputs[0]].channels
                }
            }
            values += shape.count
            guard weights <= TCNArchitecture.maximumWeights, state <= TCNArchitecture.maximumLaneState,
                values <= Self.maximumStepValues
            else {
                throw Self.error(
                    key, found: "\(weights) weights, \(state) bytes of state, \(values) values a step so far",
                    expected: "at most \(TCNArchitecture.maximumWeights), \(TCNArchitecture.maximumLaneState) and "
                        + "\(Self.maximumStepValues)")
            }
            shapes.append(shape)
        }
        return shapes
    }

    /// Slots of the ring of a convolution that reads the past: room for the past and a step, a power of two so that
    /// rings of all lengths stand where they stood after as many steps as the longest has slots. nil without a past.
    func slots(_ convolution: Convolution, _ input: Shape) -> Int? {
        guard context == .stream, convolution.before > 0 else { return nil }
        let needed = convolution.before + input.frames
        return 1 << (Int.bitWidth - (needed - 1).leadingZeroBitCount)
    }

    private func shape(of node: Node, inputs: [Shape], key: String) throws(BundleError) -> Shape {
        switch node.operation {
        case .convolution(let convolution):
            guard inputs.count == 1 else {
                throw Self.error("\(key).input", found: "\(inputs.count) inputs", expected: "1")
            }
            return try shape(of: convolution, inputs[0], key: key)
        case .addition:
            guard inputs.count == 2, inputs[0] == inputs[1] else {
                throw Self.error("\(key).right", found: "\(inputs)", expected: "two values of one shape")
            }
            return inputs[0]
        case .concatenation(let axis):
            guard (2...64).contains(inputs.count) else {
                throw Self.error("\(key).inputs", found: "\(inputs.count)", expected: "2 to 64")
            }
            guard node.limits == -128...127 else {
                throw Self.error("\(key).low", found: "limits", expected: "none on a concatenation")
            }
            return try joined(inputs, axis, key: key)
        }
    }

    private func joined(_ inputs: [Shape], _ axis: Axis, key: String) throws(BundleError) -> Shape {
        guard axis == .channel || context == .window else {
            throw Self.error("\(key).axis", found: "time", expected: "channel in a stream")
        }
        var shape = inputs[0]
        for input in inputs.dropFirst() {
            let fits = axis == .time ? input.channels == shape.channels : input.frames == shape.frames
            guard fits else {
                throw Self.error("\(key).inputs", found: "\(inputs)", expected: "shapes that differ along \(axis) only")
            }
            if axis == .time { shape.frames += input.frames } else { shape.channels += input.channels }
        }
        return shape
    }

    private func shape(of convolution: Convolution, _ input: Shape, key: String) throws(BundleError) -> Shape {
        let layer = convolution.layer
        try check("\(key).outputs", layer.outputs, 1...Self.maximumChannels)
        try check("\(key).taps", layer.taps, 1...65536)
        try check("\(key).dilation", convolution.dilation, 1...32767)
        try check("\(key).stride", convolution.stride, 1...65536)
        let padding = context == .stream ? 0...65536 : -65536...65536
        try check("\(key).before", convolution.before, padding)
        try check("\(key).after", convolution.after, context == .stream ? 0...0 : padding)
        let inputs = convolution.isDepthwise ? 1 : input.channels
        guard layer.inputs == inputs, !convolution.isDepthwise || layer.outputs == input.channels else {
            throw Self.error(
                "\(key).outputs", found: "\(layer.inputs) inputs and \(layer.outputs) outputs",
                expected: convolution.isDepthwise ? "1 and \(input.channels)" : "\(inputs) inputs")
        }
        let room = convolution.before + input.frames + convolution.after - convolution.span
        guard room >= 0 else {
            throw Self.error(
                "\(key).taps", found: "taps that span \(convolution.span) frames",
                expected: "at most \(room + convolution.span)")
        }
        let frames = room / convolution.stride + 1
        guard context == .window || frames * convolution.stride == input.frames else {
            throw Self.error(
                "\(key).before", found: "\(frames) frames of \(input.frames) at a stride of \(convolution.stride)",
                expected: "a frame for every \(convolution.stride) in a stream")
        }
        return Shape(frames: frames, channels: layer.outputs)
    }

    private func check(_ key: String, _ value: Int, _ range: ClosedRange<Int>) throws(BundleError) {
        guard range.contains(value) else {
            throw Self.error(key, found: "\(value)", expected: "\(range.lowerBound)...\(range.upperBound)")
        }
    }

    private static func error(_ key: String, found: String, expected: String) -> BundleError {
        BundleError(.field("architecture.\(key)"), found: found, expected: expected)
    }
}
