/// A model as its file has it: operators between named tensors, whatever the file's format.
package struct TensorGraph: Sendable {
    package struct Node: Sendable {
        package var name: String
        package var operation: String
        /// An empty name is an optional input that was left out.
        package var inputs: [String]
        package var outputs: [String]
        package var attributes: [String: Attribute] = [:]

        /// How errors call it.
        var place: String { "node \(ImportError.quoted(name)) (\(operation.prefix(40)))" }
    }

    package enum Attribute: Sendable, Equatable {
        case integer(Int)
        case real(Float)
        case text(String)
        case integers([Int])
        case reals([Float])
        case tensor(Tensor)
        /// A kind that no supported operator has.
        case other(String)
    }

    package struct Input: Sendable, Equatable {
        package var name: String
        /// nil: free, or named.
        package var shape: [Int?]
    }

    package var inputs: [Input]
    package var outputs: [String]
    /// In the order of the file.
    package var nodes: [Node]
    package var constants: [String: Tensor]
    /// Version of the ONNX operator set; decides where some operators have their parameters.
    package var operatorSet: Int
    /// Who wrote the file, for provenance.
    package var producer: String

    /// The nodes that the wanted tensor depends on, each after all that it reads. Refuses a tensor that
    /// nothing makes, one that two nodes make, and cycles.
    func order(for wanted: String) throws(ImportError) -> [Node] {
        var maker: [String: Int] = [:]
        for (index, node) in nodes.enumerated() {
            for output in node.outputs where !output.isEmpty {
                if maker.updateValue(index, forKey: output) != nil || constants[output] != nil {
                    throw ImportError(
                        node.place, found: "an output \(ImportError.quoted(output)) that something else makes too",
                        expected: "each tensor to be made once")
                }
            }
        }
        let given = Set(inputs.map(\.name))
        guard maker[wanted] != nil else {
            throw ImportError(
                "output \(ImportError.quoted(wanted))", found: "no node that makes it",
                expected: "one of \(outputs.prefix(8).map(ImportError.quoted).joined(separator: ", "))")
        }
        // Depth first without recursion: a file may chain as many nodes as it likes.
        enum Mark { case open, done }
        var marks: [Int: Mark] = [:]
        var order: [Node] = []
        var stack = [maker[wanted]!]
        while let index = stack.last {
            let node = nodes[index]
            guard marks[index] == nil else {
                stack.removeLast()
                if marks.updateValue(.done, forKey: index) == .open { order.append(node) }
                continue
            }
            marks[index] = .open
            for input in node.inputs where !input.isEmpty && constants[input] == nil && !given.contains(input) {
                guard let source = maker[input] else {
                    throw ImportError(
                        node.place, found: "an input \(ImportError.quoted(input)) that nothing makes",
                        expected: "a node, an initialiser or an input of the model")
                }
                guard marks[source] != .open else {
                    throw ImportError(
                        node.place, found: "a cycle through \(ImportError.quoted(input))",
                        expected: "a graph without cycles")
                }
                if marks[source] == nil { stack.append(source) }
            }
        }
        return order
    }
}
