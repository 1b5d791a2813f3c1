import FoundationEssentials
internal import SwiftProtobuf

/// Reads ONNX files (https://onnx.ai, IR versions 3 to 10, opset 7 and later).
package enum ONNXModel {
    static let operatorSets = 7...21

    package static func read(_ bytes: [UInt8]) throws(ImportError) -> TensorGraph {
        let model: Onnx_ModelProto
        do {
            model = try Onnx_ModelProto(serializedBytes: bytes)
        } catch {
            throw ImportError("file", found: "bytes that are no ONNX model (\(error))", expected: "an ONNX model")
        }
        guard model.hasGraph, !model.graph.node.isEmpty else {
            throw ImportError("file", found: "no graph", expected: "an ONNX model with a graph")
        }
        return try graph(model)
    }

    private static func graph(_ model: Onnx_ModelProto) throws(ImportError) -> TensorGraph {
        let graph = model.graph
        var constants: [String: Tensor] = [:]
        for tensor in graph.initializer {
            let place = "initialiser \(ImportError.quoted(tensor.name))"
            guard constants.updateValue(try Tensor(tensor, place: place), forKey: tensor.name) == nil else {
                throw ImportError(place, found: "it twice", expected: "each name once")
            }
        }
        guard graph.sparseInitializer.isEmpty else {
            throw ImportError("graph", found: "sparse initialisers", expected: "dense ones")
        }
        var nodes: [TensorGraph.Node] = []
        for (index, node) in graph.node.enumerated() {
            nodes.append(try self.node(node, index: index))
        }
        return TensorGraph(
            // Files of IR version 3 list initialisers among the inputs.
            inputs: graph.input.filter { constants[$0.name] == nil }.map(input),
            outputs: graph.output.map(\.name), nodes: nodes, constants: constants,
            operatorSet: try operatorSet(model), producer: producer(model))
    }

    private static func operatorSet(_ model: Onnx_ModelProto) throws(ImportError) -> Int {
        let version = model.opsetImport.first { $0.domain.isEmpty || $0.domain == "ai.onnx" }?.version ?? 0
        guard let set = Int(exactly: version), operatorSets.contains(set) else {
            throw ImportError(
                "file", found: "operator set \(version)",
                expected: "\(operatorSets.lowerBound) to \(operatorSets.upperBound)")
        }
        return set
    }

    private static func producer(_ model: Onnx_ModelProto) -> String {
        "\(model.producerName) \(model.producerVersion)".prefix(60).filter { $0.isASCII && !$0.isNewline }
    }

    private static func input(_ value: Onnx_ValueInfoProto) -> TensorGraph.Input {
        TensorGraph.Input(
            name: value.name,
            shape: value.type.tensorType.shape.dim.map { dimension in
                if case .dimValue(let size) = dimension.value, size > 0 { return Int(exactly: size) }
                return nil
            })
    }

    private static func node(_ node: Onnx_NodeProto, index: Int) throws(ImportError) -> TensorGraph.Node {
        // Operators of other domains keep it in their name, so that they are refused by it; Microsoft's quantizer
        // writes the two standard ones in its own domain where the opset is too old for a type.
        let isStandard =
            ["", "ai.onnx"].contains(node.domain) || node.opType.hasSuffix("quantizeLinear")
            || node.opType == "QuantizeLinear"
        var result = TensorGraph.Node(
            name: node.name.isEmpty ? "\(index)" : node.name,
            operation: isStandard ? node.opType : "\(node.domain).\(node.opType)", inputs: node.input,
            outputs: node.output)
        for attribute in node.attribute {
            result.attributes[attribute.name] = try self.attribute(attribute, of: result)
        }
        return result
    }

    private static func attribute(
        _ attribute: Onnx_AttributeProto, of node: TensorGraph.Node
    ) throws(ImportError) -> TensorGraph.Attribute {
        switch attribute.type {
        case .int: return .integer(Int(attribute.i))
        case .float: return .real(attribute.f)
        case .string: return .text(String(decoding: attribute.s, as: UTF8.self))
        case .ints: return .integers(attribute.ints.map(Int.init))
        case .floats: return .reals(attribute.floats)
        case .tensor:
            return .tensor(
                try Tensor(attribute.t, place: "\(node.place), attribute \(ImportError.quoted(attribute.name))"))
        default: return .other("\(attribute.type)")
        }
    }
}
