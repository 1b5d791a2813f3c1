import FoundationEssentials

/// What the tensors of a safetensors file do in a network: a JSON text that names them layer by layer, each layer an
/// ONNX operator.
///
///     {"input": {"channels": 3, "frames": 64},
///      "layers": [
///        {"op": "Conv", "with": ["stem.weight", "stem.bias"], "attributes": {"pads": [2, 2]}},
///        {"op": "Relu", "name": "a"},
///        {"op": "Conv", "with": ["body.weight"], "attributes": {"pads": [1, 1]}},
///        {"op": "Add", "from": ["a", "previous"]}]}
package struct ModelMapping: Decodable {
    struct Input: Decodable {
        var channels: Int
        /// nil: any number.
        var frames: Int?
    }

    struct Layer: Decodable {
        var op: String
        /// For `from` of later layers and for errors; else the layer's number.
        var name: String?
        /// What it reads: names of layers, `input`, or `previous`, which is the default.
        var from: [String]?
        /// Tensors of the file or constants, in the operator's order; an empty name leaves one out.
        var with: [String]?
        var attributes: [String: Value]?
    }

    /// A number, a list of numbers, or text.
    enum Value: Decodable {
        case integers([Int])
        case integer(Int)
        case real(Float)
        case reals([Float])
        case text(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let value = try? container.decode(Int.self) {
                self = .integer(value)
            } else if let value = try? container.decode(Float.self) {
                self = .real(value)
            } else if let value = try? container.decode([Int].self) {
                self = .integers(value)
            } else if let value = try? container.decode([Float].self) {
                self = .reals(value)
            } else {
                self = .text(try container.decode(String.self))
            }
        }
    }

    var input: Input
    var layers: [Layer]
    /// Small tensors that the file has not: indices of a Gather, for instance.
    var constants: [String: Value]?

    /// A graph, and the names of tensors that no layer names.
    package static func read(
        _ text: [UInt8], tensors: [String: Tensor]
    ) throws(ImportError) -> (model: TensorGraph, unused: [String]) {
        let mapping: ModelMapping
        do {
            mapping = try JSONDecoder().decode(ModelMapping.self, from: Data(text))
        } catch {
            throw ImportError("mapping", found: "\(JSONTrouble(error))", expected: "input and layers")
        }
        return try mapping.graph(tensors)
    }

    private func graph(_ tensors: [String: Tensor]) throws(ImportError) -> (model: TensorGraph, unused: [String]) {
        guard !layers.isEmpty else { throw ImportError("mapping", found: "no layers", expected: "at least one") }
        var constants = tensors
        for (name, value) in self.constants ?? [:] { constants[name] = try value.tensor(name) }
        var nodes: [TensorGraph.Node] = []
        var previous = "input"
        var named: Set = ["input"]
        var used: Set<String> = []
        for (index, layer) in layers.enumerated() {
            let name = layer.name ?? "layer \(index)"
            let place = "layer \(index) \(ImportError.quoted(name))"
            guard name != "previous", named.insert(name).inserted, constants[name] == nil else {
                throw ImportError(place, found: "a name that is taken", expected: "each name once")
            }
            let sources = (layer.from ?? ["previous"]).map { $0 == "previous" ? previous : $0 }
            for source in sources where source == name || !named.contains(source) {
                throw ImportError(
                    place, found: "from \(ImportError.quoted(source))",
                    expected: "input, previous, or a layer before it")
            }
            for tensor in layer.with ?? [] where !tensor.isEmpty && constants[tensor] == nil {
                throw ImportError(
                    place, found: "with \(ImportError.quoted(tensor))", expected: "a tensor of the file or a constant")
            }
            used.formUnion(layer.with ?? [])
            nodes.append(
                TensorGraph.Node(
                    name: name, operation: layer.op, inputs: sources + (layer.with ?? []), outputs: [name],
                    attributes: (layer.attributes ?? [:]).mapValues(\.attribute)))
            previous = name
        }
        let model = TensorGraph(
            inputs: [TensorGraph.Input(name: "input", shape: [nil, input.channels, input.frames])],
            outputs: [previous], nodes: nodes, constants: constants, operatorSet: 13, producer: "safetensors")
        return (model, tensors.keys.filter { !used.contains($0) }.sorted())
    }
}

extension ModelMapping.Value {
    fileprivate var attribute: TensorGraph.Attribute {
        switch self {
        case .integer(let value): .integer(value)
        case .integers(let values): .integers(values)
        case .real(let value): .real(value)
        case .reals(let values): .reals(values)
        case .text(let text): .text(text)
        }
    }

    fileprivate func tensor(_ name: String) throws(ImportError) -> Tensor {
        switch self {
        case .integer(let value): Tensor([value], shape: [])
        case .integers(let values): Tensor(values, shape: [values.count])
        case .real(let value): Tensor([value], shape: [])
        case .reals(let values): Tensor(values, shape: [values.count])
        case .text:
            throw ImportError("constant \(ImportError.quoted(name))", found: "text", expected: "numbers")
        }
    }
}
