import Inference

/// Scale and zero point of a QuantizeLinear or DequantizeLinear node, checked.
struct QuantizationParameters {
    private let reader: NodeReader
    let scales: [Float]
    let zeroPoints: [Int]
    /// Of the integers on the quantized side.
    let element: Tensor.Element
    private let axis: Int

    init(_ reader: NodeReader) throws(ImportError) {
        self.reader = reader
        let scale = try reader.constant(1)
        let scales = scale.reals
        guard !scales.isEmpty, scale.rank <= 1, scales.allSatisfy({ $0 > 0 && $0.isFinite }) else {
            throw reader.error(
                "\(scales.count) scales of shape \(scale.shape), the first \(scales.first ?? 0)",
                expected: "one scale, or one for each channel, positive")
        }
        let zero = reader.has(2) ? try reader.constant(2) : nil
        let zeroPoints = zero?.integers ?? Array(repeating: 0, count: scales.count)
        guard zeroPoints.count == scales.count, zero == nil || zero?.integers != nil else {
            throw reader.error("\(zeroPoints.count) zero points", expected: "\(scales.count), as many as scales")
        }
        self.scales = scales
        self.zeroPoints = zeroPoints
        element = zero?.element ?? .uint8
        axis = try reader.integer("axis", default: 1)
    }

    /// Of an activation: one scale, 8 bits, as int8.
    func activation() throws(ImportError) -> ActivationQuantization {
        let offset = element == .uint8 ? 128 : 0
        guard scales.count == 1, element == .int8 || element == .uint8,
            let zeroPoint = Int8(exactly: zeroPoints[0] - offset)
        else {
            throw reader.error(
                "\(scales.count) scales, \(element.rawValue) and zero point \(zeroPoints[0])",
                expected: "one scale and int8 or uint8 for an activation")
        }
        return ActivationQuantization(scale: scales[0], zeroPoint: zeroPoint)
    }

    func dequantize(_ source: Tensor) throws(ImportError) -> Tensor {
        guard let integers = source.integers else {
            throw reader.error("real numbers", expected: "integers to dequantize")
        }
        let channel = try channels(source.shape)
        let values = integers.indices.map { Float(integers[$0] &- zeroPoints[channel[$0]]) * scales[channel[$0]] }
        return Tensor(
            values, shape: source.shape,
            steps: Tensor.Steps(sizes: scales, axis: scales.count > 1 ? place(source) : nil))
    }

    func quantize(_ source: Tensor) throws(ImportError) -> Tensor {
        let limits: ClosedRange<Float> = element == .uint8 ? 0...255 : -128...127
        guard element == .int8 || element == .uint8 else {
            throw reader.error(element.rawValue, expected: "int8 or uint8")
        }
        let values = source.reals
        let channel = try channels(source.shape)
        let rounded = values.indices.map { index in
            let steps = (values[index] / scales[channel[index]]).rounded(.toNearestOrEven)
            let value = (steps.isNaN ? 0 : steps) + Float(zeroPoints[channel[index]])
            return Int(max(limits.lowerBound, min(limits.upperBound, value)))
        }
        return Tensor(rounded, shape: source.shape, element: element)
    }

    private func place(_ source: Tensor) -> Int { axis < 0 ? axis + source.rank : axis }

    /// Which scale each element has.
    private func channels(_ shape: [Int]) throws(ImportError) -> [Int] {
        let count = shape.reduce(1, *)
        guard scales.count > 1 else { return Array(repeating: 0, count: count) }
        let axis = try reader.axis(axis, rank: shape.count)
        guard shape[axis] == scales.count else {
            throw reader.error("\(scales.count) scales", expected: "\(shape[axis]), the size of axis \(axis)")
        }
        let inner = shape[(axis + 1)...].reduce(1, *)
        return (0..<count).map { $0 / inner % scales.count }
    }
}
