/// One node with its inputs looked up: reads parameters, and names the node in every error.
struct NodeReader {
    let node: TensorGraph.Node
    let operation: ModelOperator
    let inputs: [Operand?]
    let operatorSet: Int

    func error(_ found: String, expected: String) -> ImportError {
        ImportError(node.place, found: found, expected: expected)
    }

    func has(_ index: Int) -> Bool { index < inputs.count && inputs[index] != nil }

    private func input(_ index: Int) throws(ImportError) -> Operand {
        guard has(index), let operand = inputs[index] else {
            throw error("no input \(index)", expected: "at least \(index + 1) inputs")
        }
        return operand
    }

    /// An input that depends on the model's input, in real numbers.
    func frames(_ index: Int) throws(ImportError) -> FrameOperand {
        let operand = try anyFrames(index)
        guard operand.integers == nil else {
            throw error("a quantized input", expected: "DequantizeLinear before it")
        }
        return operand
    }

    /// The same, quantized or not.
    func anyFrames(_ index: Int) throws(ImportError) -> FrameOperand {
        guard case .frames(let operand) = try input(index) else {
            throw error("a constant as input \(index)", expected: "a value that depends on the model's input")
        }
        return operand
    }

    func constant(_ index: Int) throws(ImportError) -> Tensor {
        guard case .constant(let tensor) = try input(index) else {
            throw error(
                "input \(index) that depends on the model's input",
                expected: "a constant; free dimensions are fixed with --window")
        }
        return tensor
    }

    func integers(_ index: Int) throws(ImportError) -> [Int] {
        guard let integers = try constant(index).integers else {
            throw error("real numbers as input \(index)", expected: "integers")
        }
        return integers
    }

    /// A parameter that newer operator sets have as an input and older ones as an attribute.
    func integers(_ name: String, orInput index: Int) throws(ImportError) -> [Int]? {
        if has(index) { return try integers(index) }
        return try integers(name)
    }

    func integers(_ name: String) throws(ImportError) -> [Int]? {
        switch node.attributes[name] {
        case nil: return nil
        case .integers(let values): return values
        case .integer(let value): return [value]
        default: throw error("attribute \(name) of another kind", expected: "integers")
        }
    }

    func integer(_ name: String, default value: Int) throws(ImportError) -> Int {
        guard let values = try integers(name) else { return value }
        guard values.count == 1 else { throw error("attribute \(name) of \(values.count) values", expected: "one") }
        return values[0]
    }

    func real(_ name: String, default value: Float) throws(ImportError) -> Float {
        switch node.attributes[name] {
        case nil: return value
        case .real(let value): return value
        // A mapping file writes 6 where a protocol buffer has 6.0.
        case .integer(let value): return Float(value)
        default: throw error("attribute \(name) of another kind", expected: "a number")
        }
    }

    func text(_ name: String, default value: String) throws(ImportError) -> String {
        switch node.attributes[name] {
        case nil: return value
        case .text(let text): return text
        default: throw error("attribute \(name) of another kind", expected: "text")
        }
    }

    /// An axis as ONNX counts it, from either end.
    func axis(_ value: Int, rank: Int) throws(ImportError) -> Int {
        guard (-rank..<rank).contains(value) else {
            throw error("axis \(value)", expected: "an axis of \(rank) dimensions")
        }
        return value < 0 ? value + rank : value
    }

    func axes(_ values: [Int], rank: Int) throws(ImportError) -> [Int] {
        var axes: [Int] = []
        for value in values { axes.append(try axis(value, rank: rank)) }
        guard Set(axes).count == axes.count else { throw error("axes \(values)", expected: "each axis once") }
        return axes
    }
}
