import SedgeCore

extension QuantizedGraph {
    static let family = "graph"
    static let formatVersion = 1

    /// The shape of the network, as JSON: the bundle's `architecture`.
    var architectureText: String {
        JSONDocument.object([
            "family": .string(Self.family), "version": .number("\(Self.formatVersion)"),
            "mode": .string((inputShape.channels == 1 ? TCNArchitecture.Mode.independent : .joint).rawValue),
            "context": .string(context.rawValue), "samples": .number("\(inputShape.frames)"),
            "input_channels": .number("\(inputShape.channels)"), "operations": .array(nodes.map(\.json)),
        ]).text
    }

    /// Scales and zero points of every value, as JSON: the bundle's `quantization`.
    var quantizationText: String {
        JSONDocument.object(["input": input.json, "operations": .array(nodes.map(\.output.json))]).text
    }

    /// Reads the two texts, and the weights by name. Everything is checked.
    init(architecture: String, quantization: String, tensors: BundleTensors) throws(BundleError) {
        let family = try BundleFieldReader(field: TCNArchitecture.field, text: architecture).string("family")
        guard family == Self.family else {
            throw BundleError(
                .field("architecture.family"), found: String(family.prefix(60)), expected: Self.family)
        }
        let reader = try BundleFieldReader(
            field: TCNArchitecture.field, text: architecture,
            keys: ["family", "version", "mode", "context", "samples", "input_channels", "operations"])
        let version = try reader.integer("version")
        guard version == Self.formatVersion else {
            throw reader.error("version", found: "\(version)", expected: "\(Self.formatVersion)")
        }
        let name = try reader.string("context")
        guard let context = Context(rawValue: name) else {
            throw reader.error("context", found: String(name.prefix(60)), expected: "window or stream")
        }
        let channels = try reader.integer("input_channels")
        let mode = try reader.string("mode")
        guard mode == (channels == 1 ? "independent" : "joint") else {
            throw reader.error(
                "mode", found: String(mode.prefix(60)), expected: "independent with one input channel, else joint")
        }
        let parts = try BundleFieldReader(field: QuantizedTCN.field, text: quantization, keys: ["input", "operations"])
        let outputs = try parts.objects("operations", keys: ["scale", "zero_point"])
        let operations = try reader.objects("operations", keys: Node.keys)
        guard outputs.count == operations.count else {
            throw parts.error("operations", found: "\(outputs.count)", expected: "\(operations.count)")
        }
        self.init(
            context: context, inputShape: Shape(frames: try reader.integer("samples"), channels: channels),
            input: try ActivationQuantization(parts, "input"), nodes: [])
        for (reader, output) in zip(operations, outputs) {
            nodes.append(try Node(reader, output: ActivationQuantization(output)))
        }
        // Sizes are checked before any tensor is asked for by them.
        _ = try shapes()
        for index in nodes.indices {
            guard case .convolution(var convolution) = nodes[index].operation else { continue }
            let layer = convolution.layer
            convolution.layer = try tensors.layer(
                BundleLayer(
                    name: Self.tensor(index), outputs: layer.outputs, inputs: layer.inputs, taps: layer.taps))
            nodes[index].operation = .convolution(convolution)
        }
        try validate()
    }

    /// Every layer with weights.
    var layers: [BundleLayer] {
        nodes.indices.compactMap { index in
            guard case .convolution(let convolution) = nodes[index].operation else { return nil }
            let layer = convolution.layer
            return BundleLayer(
                name: Self.tensor(index), outputs: layer.outputs, inputs: layer.inputs, taps: layer.taps)
        }
    }
}

extension QuantizedGraph.Node {
    /// Of every kind of operation together.
    static let keys = ["kind", "low", "high"] + convolutionKeys + ["left", "right", "inputs", "axis"]
    private static let convolutionKeys = [
        "input", "input_channels", "outputs", "taps", "dilation", "stride", "before", "after",
    ]

    var json: JSONDocument {
        var members: [String: JSONDocument] = [
            "low": .number("\(limits.lowerBound)"), "high": .number("\(limits.upperBound)"),
        ]
        switch operation {
        case .convolution(let convolution):
            let layer = convolution.layer
            members["kind"] = .string(convolution.isDepthwise ? "depthwise" : "convolution")
            for (key, value) in zip(
                Self.convolutionKeys,
                [
                    inputs[0], layer.inputs, layer.outputs, layer.taps, convolution.dilation, convolution.stride,
                    convolution.before, convolution.after,
                ])
            { members[key] = .number("\(value)") }
        case .addition:
            members["kind"] = .string("addition")
            members["left"] = .number("\(inputs[0])")
            members["right"] = .number("\(inputs[1])")
        case .concatenation(let axis):
            members["kind"] = .string("concatenation")
            members["inputs"] = .array(inputs.map { .number("\($0)") })
            members["axis"] = .string(axis.rawValue)
        }
        return .object(members)
    }

    /// Weights come later; the layer has sizes only.
    init(_ reader: BundleFieldReader, output: ActivationQuantization) throws(BundleError) {
        let kind = try reader.string("kind")
        let keys: [String]
        switch kind {
        case "convolution", "depthwise":
            keys = Self.convolutionKeys
            var values: [Int] = []
            for key in keys { values.append(try reader.integer(key)) }
            operation = .convolution(
                QuantizedGraph.Convolution(
                    layer: QuantizedConvolution(
                        outputs: values[2], inputs: values[1], taps: values[3], weight: [], weightScale: [], bias: []),
                    isDepthwise: kind == "depthwise", dilation: values[4], stride: values[5], before: values[6],
                    after: values[7]))
            inputs = [values[0]]
        case "addition":
            keys = ["left", "right"]
            operation = .addition
            inputs = [try reader.integer("left"), try reader.integer("right")]
        case "concatenation":
            keys = ["inputs", "axis"]
            let name = try reader.string("axis")
            guard let axis = QuantizedGraph.Axis(rawValue: name) else {
                throw reader.error("axis", found: String(name.prefix(60)), expected: "time or channel")
            }
            operation = .concatenation(axis)
            inputs = try reader.integers("inputs")
        default:
            throw reader.error(
                "kind", found: String(kind.prefix(60)),
                expected: "convolution, depthwise, addition or concatenation")
        }
        if let key = reader.keys.first(where: { !(["kind", "low", "high"] + keys).contains($0) }) {
            throw reader.error(key, found: "a key that \(kind) has not", expected: keys.joined(separator: ", "))
        }
        let (low, high) = (try reader.integer("low"), try reader.integer("high"))
        guard let low = Int8(exactly: low), let high = Int8(exactly: high), low <= high else {
            throw reader.error("low", found: "\(low), high \(high)", expected: "-128...127, the lower one first")
        }
        limits = low...high
        self.output = output
    }
}
