/// A dense constant of a model file, row-major.
package struct Tensor: Sendable, Equatable {
    package enum Values: Sendable, Equatable {
        case real([Float])
        /// Integers of any width, and booleans.
        case integer([Int])
    }

    package enum Element: String, Sendable {
        case float16, bfloat16, float32, float64
        case int8, uint8, int16, uint16, int32, uint32, int64, bool
    }

    /// A real tensor that was dequantized: its values are whole multiples of a step, per tensor or along an axis.
    struct Steps: Sendable, Equatable {
        var sizes: [Float]
        /// nil: one step for all.
        var axis: Int?
    }

    package var shape: [Int]
    package var values: Values
    /// As the file has it; tells whether an integer is an index or a quantized value.
    package var element: Element
    var steps: Steps?

    /// No constant may be larger: a few bytes of a file can ask for any size.
    static let maximumCount = 1 << 26

    init(_ values: [Float], shape: [Int], steps: Steps? = nil) {
        self.init(values: .real(values), shape: shape, element: .float32, steps: steps)
    }

    init(_ values: [Int], shape: [Int], element: Element = .int64) {
        self.init(values: .integer(values), shape: shape, element: element)
    }

    private init(values: Values, shape: [Int], element: Element, steps: Steps? = nil) {
        self.values = values
        self.shape = shape
        self.element = element
        self.steps = steps
    }

    package var count: Int {
        switch values {
        case .real(let values): values.count
        case .integer(let values): values.count
        }
    }

    package var rank: Int { shape.count }

    var reals: [Float] {
        switch values {
        case .real(let values): values
        case .integer(let values): values.map(Float.init)
        }
    }

    var integers: [Int]? {
        guard case .integer(let values) = values else { return nil }
        return values
    }

    /// Values of a shape; nil when a dimension is negative or the product is beyond `maximumCount`.
    static func count(_ shape: [Int]) -> Int? {
        // Zeros count as ones for the limit, so that no partial product of a shape overflows either.
        var bound = 1
        for dimension in shape {
            guard dimension >= 0 else { return nil }
            let (product, overflow) = bound.multipliedReportingOverflow(by: max(1, dimension))
            guard !overflow, product <= maximumCount else { return nil }
            bound = product
        }
        return shape.contains(0) ? 0 : bound
    }

    /// Distance in memory between neighbours along each axis.
    static func strides(_ shape: [Int]) -> [Int] {
        var strides = [Int](repeating: 1, count: shape.count)
        for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
        return strides
    }

    /// The elements at these places, in a new shape. Steps stay with them where `axis` says on which axis they lie now.
    func picking(_ indices: [Int], shape: [Int], stepAxis: Int? = nil) -> Tensor {
        var result = self
        result.shape = shape
        switch values {
        case .real(let values): result.values = .real(indices.map { values[$0] })
        case .integer(let values): result.values = .integer(indices.map { values[$0] })
        }
        if steps?.axis != nil {
            if let stepAxis { result.steps?.axis = stepAxis } else { result.steps = nil }
        }
        return result
    }
}
