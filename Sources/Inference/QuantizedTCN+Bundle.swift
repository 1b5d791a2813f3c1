import SedgeCore

extension QuantizedTCN {
    static let field = "quantization"

    /// The activations' part of the network, as JSON.
    var activationsText: String {
        JSONDocument.object([
            "input": input.json, "stem": stemOutput.json, "embedding": embedding.json,
            "blocks": .array(
                blocks.map {
                    .object([
                        "conv": $0.convOutput.json, "pointwise": $0.pointwiseOutput.json, "output": $0.output.json,
                    ])
                }),
        ]).text
    }

    /// Assembles a network from its layers, in the order of `TCNArchitecture.layers`, and the activations' JSON.
    init(architecture: TCNArchitecture, layers: [QuantizedConvolution], activationsText: String) throws(BundleError) {
        let reader = try BundleFieldReader(
            field: Self.field, text: activationsText, keys: ["input", "stem", "blocks", "embedding"])
        let blockReaders = try reader.objects("blocks", keys: ["conv", "pointwise", "output"])
        guard blockReaders.count == architecture.blocks else {
            throw BundleError(
                .field("quantization.blocks"), found: "\(blockReaders.count) blocks",
                expected: "\(architecture.blocks)")
        }
        var blocks: [Block] = []
        for (index, block) in blockReaders.enumerated() {
            blocks.append(
                Block(
                    conv: layers[1 + 2 * index], pointwise: layers[2 + 2 * index],
                    convOutput: try ActivationQuantization(block, "conv"),
                    pointwiseOutput: try ActivationQuantization(block, "pointwise"),
                    output: try ActivationQuantization(block, "output")))
        }
        self.init(
            input: try ActivationQuantization(reader, "input"), stem: layers[0],
            stemOutput: try ActivationQuantization(reader, "stem"), blocks: blocks,
            projection: layers[layers.count - 1], embedding: try ActivationQuantization(reader, "embedding"))
    }
}

extension ActivationQuantization {
    var json: JSONDocument {
        .object(["scale": .number("\(scale)"), "zero_point": .number("\(zeroPoint)")])
    }

    init(_ parent: BundleFieldReader, _ key: String) throws(BundleError) {
        try self.init(parent.object(key, keys: ["scale", "zero_point"]))
    }

    init(_ reader: BundleFieldReader) throws(BundleError) {
        let zeroPoint = try reader.integer("zero_point")
        guard let byte = Int8(exactly: zeroPoint) else {
            throw reader.error("zero_point", found: "\(zeroPoint)", expected: "-128...127")
        }
        self.init(scale: try reader.number("scale"), zeroPoint: byte)
    }
}
