/// Operators on constants alone: exporters compute shapes, pads and folded weights with them.
enum ConstantFolding {
    /// Data types of ONNX: float, float16, double, bfloat16.
    static let realTypes = [1, 10, 11, 16]

    /// nil where the operator has no meaning for constants alone.
    static func fold(_ reader: NodeReader) throws(ImportError) -> Tensor? {
        switch reader.operation {
        case .constant: return try constant(reader)
        case .constantOfShape: return try filled(reader)
        case .identity, .dropout: return try reader.constant(0)
        case .cast: return try cast(reader)
        case .shape: return try reader.sizes(of: try reader.constant(0).shape)
        case .add, .sub, .mul, .div: return try arithmetic(reader)
        case .concat: return try concatenated(reader)
        case .gather:
            let source = try reader.constant(0)
            let axis = try reader.axis(try reader.integer("axis", default: 0), rank: source.rank)
            let indices = try indices(reader, size: source.shape[axis])
            var shape = source.shape
            shape.replaceSubrange(axis...axis, with: try reader.constant(1).shape)
            guard Tensor.count(shape) != nil else { throw reader.error("shape \(shape)", expected: "fewer values") }
            let result = source.gathered(axis: axis, indices: indices)
            return result.reshaped(shape)
        case .slice:
            var result = try reader.constant(0)
            for slice in try reader.slices(of: result.shape) {
                result = result.gathered(axis: slice.axis, indices: Array(slice.elements))
            }
            return result
        case .transpose:
            let source = try reader.constant(0)
            return source.transposed(try reader.order(rank: source.rank))
        case .reshape, .flatten, .squeeze, .unsqueeze:
            let source = try reader.constant(0)
            return source.reshaped(try reader.newShape(of: source.shape))
        case .quantizeLinear: return try QuantizationParameters(reader).quantize(try reader.constant(0))
        case .dequantizeLinear: return try QuantizationParameters(reader).dequantize(try reader.constant(0))
        default: return nil
        }
    }

    /// Gather's indices, counted from the start.
    static func indices(_ reader: NodeReader, size: Int) throws(ImportError) -> [Int] {
        var indices = try reader.integers(1)
        for place in indices.indices {
            guard (-size..<size).contains(indices[place]) else {
                throw reader.error("index \(indices[place])", expected: "an index of \(size) elements")
            }
            if indices[place] < 0 { indices[place] += size }
        }
        return indices
    }

    private static func constant(_ reader: NodeReader) throws(ImportError) -> Tensor {
        switch reader.node.attributes["value"] ?? reader.node.attributes.values.first {
        case .tensor(let tensor): return tensor
        case .integer(let value): return Tensor([value], shape: [])
        case .integers(let values): return Tensor(values, shape: [values.count])
        case .real(let value): return Tensor([value], shape: [])
        case .reals(let values): return Tensor(values, shape: [values.count])
        default: throw reader.error("no value", expected: "a tensor or numbers")
        }
    }

    private static func filled(_ reader: NodeReader) throws(ImportError) -> Tensor {
        let shape = try reader.integers(0)
        guard let count = Tensor.count(shape) else {
            throw reader.error("shape \(shape)", expected: "at most \(Tensor.maximumCount) values")
        }
        guard case .tensor(let value)? = reader.node.attributes["value"] else {
            return Tensor([Float](repeating: 0, count: count), shape: shape)
        }
        guard value.count == 1 else { throw reader.error("\(value.count) values", expected: "one") }
        return value.picking([Int](repeating: 0, count: count), shape: shape)
    }

    private static func cast(_ reader: NodeReader) throws(ImportError) -> Tensor {
        let source = try reader.constant(0)
        switch try reader.integer("to", default: 0) {
        case let type where realTypes.contains(type):
            return Tensor(source.reals, shape: source.shape)
        case 2, 3, 4, 5, 6, 7, 9, 12:  // integers and bool
            if source.integers != nil { return source }
            let values = source.reals
            guard values.allSatisfy({ $0.magnitude < 0x1p62 }) else {
                throw reader.error("a value beyond 64 bits", expected: "integers")
            }
            return Tensor(values.map { Int($0) }, shape: source.shape)
        case let type: throw reader.error("data type \(type)", expected: "a real type or integers")
        }
    }

    private static func arithmetic(_ reader: NodeReader) throws(ImportError) -> Tensor {
        let (a, b) = (try reader.constant(0), try reader.constant(1))
        let rank = max(a.rank, b.rank)
        func padded(_ shape: [Int]) -> [Int] { Array(repeating: 1, count: rank - shape.count) + shape }
        let shape = zip(padded(a.shape), padded(b.shape)).map { $0 == 1 ? $1 : $0 }
        guard Tensor.count(shape) != nil, let left = Tensor.broadcastOffsets(a.shape, to: shape),
            let right = Tensor.broadcastOffsets(b.shape, to: shape)
        else { throw reader.error("shapes \(a.shape) and \(b.shape)", expected: "shapes that broadcast") }
        if let x = a.integers, let y = b.integers {
            let pairs = zip(left, right).map { (x[$0], y[$1]) }
            var values: [Int] = []
            for (x, y) in pairs {
                guard let value = integer(reader.operation, x, y) else {
                    throw reader.error("\(x) and \(y)", expected: "integers whose result fits 64 bits")
                }
                values.append(value)
            }
            return Tensor(values, shape: shape)
        }
        let (x, y) = (a.reals, b.reals)
        let values = zip(left, right).map { real(reader.operation, x[$0], y[$1]) }
        return Tensor(values, shape: shape)
    }

    private static func integer(_ operation: ModelOperator, _ x: Int, _ y: Int) -> Int? {
        let (value, overflow) =
            switch operation {
            case .add: x.addingReportingOverflow(y)
            case .sub: x.subtractingReportingOverflow(y)
            case .mul: x.multipliedReportingOverflow(by: y)
            default: x.dividedReportingOverflow(by: y)
            }
        return overflow ? nil : value
    }

    private static func real(_ operation: ModelOperator, _ x: Float, _ y: Float) -> Float {
        switch operation {
        case .add: x + y
        case .sub: x - y
        case .mul: x * y
        default: x / y
        }
    }

    private static func concatenated(_ reader: NodeReader) throws(ImportError) -> Tensor {
        var parts: [Tensor] = []
        for index in reader.inputs.indices { parts.append(try reader.constant(index)) }
        guard let first = parts.first, first.rank > 0 else { throw reader.error("nothing", expected: "tensors") }
        let axis = try reader.axis(try reader.integer("axis", default: 0), rank: first.rank)
        var shape = first.shape
        shape[axis] = parts.reduce(0) { $0 + ($1.rank == first.rank ? $1.shape[axis] : 0) }
        guard
            parts.allSatisfy({ part in
                part.rank == first.rank && part.shape.indices.allSatisfy { $0 == axis || part.shape[$0] == shape[$0] }
            }), Tensor.count(shape) != nil
        else { throw reader.error("shapes \(parts.map(\.shape))", expected: "shapes that differ on axis \(axis) only") }
        let outer = shape[..<axis].reduce(1, *)
        func joined<Value>(_ values: [[Value]]) -> [Value] {
            (0..<outer).flatMap { block -> [Value] in
                values.flatMap { part -> ArraySlice<Value> in
                    let size = part.count / outer
                    return part[block * size..<(block + 1) * size]
                }
            }
        }
        let integers = parts.compactMap(\.integers)
        return integers.count == parts.count
            ? Tensor(joined(integers), shape: shape, element: first.element)
            : Tensor(joined(parts.map(\.reals)), shape: shape)
    }
}
