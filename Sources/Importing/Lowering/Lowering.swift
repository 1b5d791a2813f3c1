import Inference

/// Turns a model's tensors and operators into frames and convolutions.
///
/// Every name is either a constant, and then operators on it are carried out, or a sequence of frames with a note of
/// how the model's axes lie in it; so transposing and reshaping cost nothing and leave no trace.
struct Lowering {
    private(set) var graph: FrameGraph
    private var operands: [String: Operand] = [:]
    private let operatorSet: Int
    /// Of all constants and weights so far.
    private var values: Int

    /// A few bytes of a file can ask for any number; a bundle has a quarter of it at most.
    private static let maximumValues = 1 << 28

    /// - Parameter input: how to read the model's input.
    static func lower(_ model: TensorGraph, input: ModelInput) throws(ImportError) -> LoweredModel {
        let output: String
        if let wanted = input.output {
            output = wanted
        } else {
            guard model.outputs.count == 1 else {
                throw ImportError(
                    "file", found: "\(model.outputs.count) outputs",
                    expected: "--output with one of \(model.outputs.prefix(8).joined(separator: ", "))")
            }
            output = model.outputs[0]
        }
        let nodes = try model.order(for: output)
        var firstError: ImportError?
        for order in input.order.map({ [$0] }) ?? ModelInput.Order.allCases {
            do {
                return try lower(model, nodes, input: input, order: order, output: output)
            } catch {
                // The order that is tried second explains nothing to who never asked for it.
                firstError = firstError ?? error
            }
        }
        throw firstError!
    }

    private static func lower(
        _ model: TensorGraph, _ nodes: [TensorGraph.Node], input: ModelInput, order: ModelInput.Order, output: String
    ) throws(ImportError) -> LoweredModel {
        let read = Set(nodes.flatMap(\.inputs))
        let inputs = model.inputs.filter { read.contains($0.name) }
        guard inputs.count == 1 else {
            throw ImportError(
                "file", found: "\(inputs.count) inputs that matter to \(ImportError.quoted(output))", expected: "one")
        }
        let layout = try input.layout(inputs[0], order: order)
        var lowering = Lowering(layout, inputs[0].name, model, nodes)
        for node in nodes { try lowering.lower(node) }
        guard case .frames(let result)? = lowering.operands[output] else {
            throw ImportError(
                "output \(ImportError.quoted(output))", found: "a constant",
                expected: "a value that depends on the input")
        }
        try lowering.finish(result, output: output)
        return LoweredModel(
            graph: lowering.graph, input: layout, output: result.layout,
            hasFreeFrames: input.window == nil && inputs[0].shape.dropFirst().contains(nil))
    }

    private init(_ layout: AxisLayout, _ input: String, _ model: TensorGraph, _ nodes: [TensorGraph.Node]) {
        graph = FrameGraph(input: layout.frames)
        operands = model.constants.mapValues(Operand.constant)
        operands[input] = .frames(FrameOperand(value: 0, layout: layout))
        operatorSet = model.operatorSet
        values = Set(nodes.flatMap(\.inputs)).reduce(0) { $0 + (model.constants[$1]?.count ?? 0) }
    }

    private mutating func charge(_ more: Int, place: String) throws(ImportError) {
        values += more
        guard values <= Self.maximumValues else {
            throw ImportError(
                place, found: "\(values) values in constants and weights so far",
                expected: "at most \(Self.maximumValues)")
        }
    }

    private mutating func lower(_ node: TensorGraph.Node) throws(ImportError) {
        guard let operation = ModelOperator(rawValue: node.operation) else {
            throw ImportError(
                node.place, found: "operator \(node.operation.prefix(40))", expected: ModelOperator.supported)
        }
        let reader = NodeReader(
            node: node, operation: operation, inputs: node.inputs.map { $0.isEmpty ? nil : operands[$0] },
            operatorSet: operatorSet)
        let isConstant = reader.inputs.allSatisfy {
            if case .frames = $0 { false } else { true }
        }
        guard let output = node.outputs.first, !output.isEmpty else {
            throw reader.error("no output", expected: "one")
        }
        if isConstant {
            guard let folded = try ConstantFolding.fold(reader) else {
                throw reader.error("constants only", expected: "a value that depends on the model's input")
            }
            try charge(folded.count, place: node.place)
            operands[output] = .constant(folded)
        } else {
            operands[output] = try lower(reader)
        }
    }

    private mutating func lower(_ reader: NodeReader) throws(ImportError) -> Operand {
        switch reader.operation {
        case .shape: return .constant(try reader.sizes(of: try reader.anyFrames(0).layout.shape))
        case .identity: return .frames(try reader.anyFrames(0))
        case .cast:
            let type = try reader.integer("to", default: 0)
            guard ConstantFolding.realTypes.contains(type) else {
                throw reader.error("data type \(type) for a value that depends on the input", expected: "a real type")
            }
            return .frames(try reader.frames(0))
        case .dropout: return .frames(try reader.frames(0))
        case .transpose, .reshape, .flatten, .squeeze, .unsqueeze: return .frames(try moved(reader))
        case .conv: return .frames(try convolution(reader))
        case .gemm: return .frames(try gemm(reader))
        case .matMul: return .frames(try matrixProduct(reader))
        case .batchNormalization: return .frames(try normalization(reader))
        case .relu: return .frames(try limited(reader, 0...Float.infinity))
        case .clip: return .frames(try limited(reader, try clipLimits(reader)))
        case .add, .sub, .mul, .div: return .frames(try arithmetic(reader))
        case .pad: return .frames(try padded(reader))
        case .slice: return .frames(try sliced(reader))
        case .gather: return .frames(try gathered(reader))
        case .concat: return .frames(try concatenated(reader))
        case .globalAveragePool, .reduceMean: return .frames(try averaged(reader))
        case .quantizeLinear: return .frames(try quantized(reader))
        case .dequantizeLinear: return .frames(try dequantized(reader))
        case .constant, .constantOfShape:
            throw reader.error("a shape that depends on the input's values", expected: "a constant one")
        }
    }

    /// The output must be the graph's last node, and its channels an axis of their own: an embedding is one frame's.
    private mutating func finish(_ result: FrameOperand, output: String) throws(ImportError) {
        guard result.layout.axes.allSatisfy({ $0.count < 2 }) else {
            throw ImportError(
                "output \(ImportError.quoted(output))", found: "time and channels on one axis of \(result.layout)",
                expected: "channels on their own; --output can name the tensor before it is flattened")
        }
        if result.value != graph.nodes.count || result.value == 0 {
            let shape = graph.shape(result.value)
            _ = try append(
                .convolution(.movement(channels: shape.channels)), [result.value], name: output, place: "output")
        }
        graph.removeUnread()
    }

    /// Adds an operation; its shape follows from its inputs.
    mutating func append(
        _ operation: FrameGraph.Operation, _ inputs: [Int], name: String, place: String
    ) throws(ImportError) -> Int {
        let shapes = inputs.map { graph.shape($0) }
        var shape = shapes[0]
        switch operation {
        case .convolution(let convolution):
            try charge(convolution.weight.count, place: place)
            guard let frames = convolution.frames(of: shape.frames) else {
                throw ImportError(
                    place, found: "\(shape.frames) frames, \(convolution.before) before and \(convolution.after) after",
                    expected: "at least \(convolution.span)")
            }
            shape = FrameGraph.Shape(frames: frames, channels: convolution.outputs)
        case .addition: break
        case .concatenation(.time): shape.frames = shapes.reduce(0) { $0 + $1.frames }
        case .concatenation(.channel): shape.channels = shapes.reduce(0) { $0 + $1.channels }
        }
        return try graph.append(
            FrameGraph.Node(name: name, operation: operation, inputs: inputs, shape: shape), place: place)
    }

    mutating func append(
        _ operation: FrameGraph.Operation, _ inputs: [Int], _ reader: NodeReader
    ) throws(ImportError) -> Int {
        try append(operation, inputs, name: reader.node.name, place: reader.node.place)
    }

    /// The same value under another layout.
    func operand(_ value: Int, _ axes: [[AxisLayout.Part]]) -> FrameOperand {
        FrameOperand(value: value, layout: AxisLayout(axes, graph.shape(value)))
    }

    mutating func limit(_ value: Int, to limits: ClosedRange<Float>) { graph.nodes[value - 1].limits = limits }

    mutating func mark(_ value: Int, _ quantization: ActivationQuantization) {
        if value == 0 {
            graph.inputQuantization = quantization
        } else {
            graph.nodes[value - 1].quantization = quantization
        }
    }

    func quantization(_ value: Int) -> ActivationQuantization? { graph.quantization(value) }
}
