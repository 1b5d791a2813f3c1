extension QuantizedGraph {
    /// Throws unless every size is possible and the kernels can compute with every number.
    package func validate() throws(BundleError) { _ = try validatedShapes() }

    /// The shapes of all values of a graph that can run.
    func validatedShapes() throws(BundleError) -> [Shape] {
        let shapes = try shapes()
        for value in 0...nodes.count where !QuantizedTCN.scaleRange.contains(quantization(value).scale) {
            throw BundleError(
                .field(Self.place(ofValue: value)), found: "scale \(quantization(value).scale)",
                expected: "1e-30...1e30")
        }
        for (index, node) in nodes.enumerated() {
            switch node.operation {
            case .convolution(let convolution):
                let layer = convolution.layer
                let name = Self.tensor(index)
                try layer.validate(
                    against: BundleLayer(
                        name: name, outputs: layer.outputs, inputs: layer.inputs, taps: layer.taps))
                try layer.validateSums(name: name, input: quantization(node.inputs[0]), output: node.output)
            case .addition:
                for input in node.inputs
                where !QuantizedTCN.scaleRange.contains(quantization(input).scale / node.output.scale) {
                    throw BundleError(
                        .field(Self.place(ofValue: index + 1)), found: "scale \(node.output.scale)",
                        expected: "a ratio to its operands of 1e-30...1e30")
                }
            case .concatenation:
                for input in node.inputs where quantization(input) != node.output {
                    throw BundleError(
                        .field(Self.place(ofValue: index + 1)), found: "\(node.output)",
                        expected: "\(quantization(input)), as value \(input) has it: a concatenation only copies")
                }
            }
        }
        return shapes
    }

    /// The beginning of the names of a node's tensors.
    static func tensor(_ index: Int) -> String { "operations.\(index)" }

    private static func place(ofValue value: Int) -> String {
        value == 0 ? "\(QuantizedTCN.field).input" : "\(QuantizedTCN.field).operations.\(value - 1)"
    }
}
