/// How operators change shapes, the same for constants and for frames.
extension NodeReader {
    func order(rank: Int) throws(ImportError) -> [Int] {
        let order = try integers("perm") ?? (0..<rank).reversed()
        guard order.sorted() == Array(0..<rank) else {
            throw error("perm \(order)", expected: "an order of \(rank) axes")
        }
        return order
    }

    /// Shape: the sizes, or with operator set 15 those from `start` to `end`, counted from the end when negative.
    func sizes(of shape: [Int]) throws(ImportError) -> Tensor {
        func place(_ value: Int) -> Int { max(0, min(shape.count, value < 0 ? value + shape.count : value)) }
        let start = place(try integer("start", default: 0))
        let end = place(try integer("end", default: shape.count))
        let sizes = Array(shape[start..<max(start, end)])
        return Tensor(sizes, shape: [sizes.count])
    }

    /// Reshape, Flatten, Squeeze and Unsqueeze.
    func newShape(of shape: [Int]) throws(ImportError) -> [Int] {
        switch operation {
        case .flatten:
            let value = try integer("axis", default: 1)
            let axis = value == shape.count ? value : try axis(value, rank: shape.count)
            return [shape[..<axis].reduce(1, *), shape[axis...].reduce(1, *)]
        case .squeeze:
            let given = try integers("axes", orInput: 1)
            let axes = try axes(given ?? shape.indices.filter { shape[$0] == 1 }, rank: shape.count)
            if let axis = axes.first(where: { shape[$0] != 1 }) {
                throw error("axis \(axis) of size \(shape[axis])", expected: "size 1 to squeeze")
            }
            return shape.indices.filter { !axes.contains($0) }.map { shape[$0] }
        case .unsqueeze:
            guard let given = try integers("axes", orInput: 1) else { throw error("no axes", expected: "axes") }
            guard given.count <= 8 else { throw error("\(given.count) axes", expected: "at most 8") }
            let rank = shape.count + given.count
            let axes = try axes(given, rank: rank)
            var rest = shape[...]
            return (0..<rank).map { axes.contains($0) ? 1 : rest.removeFirst() }
        default:
            return try requestedShape(of: shape)
        }
    }

    private func requestedShape(of shape: [Int]) throws(ImportError) -> [Int] {
        guard var wanted = try integers("shape", orInput: 1) else { throw error("no shape", expected: "a shape") }
        let keepsZero = try integer("allowzero", default: 0) == 0
        for index in wanted.indices where wanted[index] == 0 && keepsZero {
            guard index < shape.count else { throw error("shape \(wanted)", expected: "0 only for axes there are") }
            wanted[index] = shape[index]
        }
        let count = shape.reduce(1, *)
        let known = wanted.filter { $0 != -1 }
        guard wanted.count - known.count <= 1, let product = Tensor.count(known) else {
            throw error("shape \(wanted)", expected: "sizes, and -1 at most once")
        }
        if let free = wanted.firstIndex(of: -1), product > 0 { wanted[free] = count / product }
        guard Tensor.count(wanted) == count else {
            throw error("shape \(wanted) for \(count) values", expected: "a shape of as many values")
        }
        return wanted
    }

    /// Slice: for each axis that it names, the elements it keeps.
    func slices(of shape: [Int]) throws(ImportError) -> [(axis: Int, elements: StrideTo<Int>)] {
        guard let starts = try integers("starts", orInput: 1), let ends = try integers("ends", orInput: 2) else {
            throw error("no starts or ends", expected: "both")
        }
        let axes = try axes(try integers("axes", orInput: 3) ?? Array(starts.indices), rank: shape.count)
        let steps = try integers("steps", orInput: 4) ?? Array(repeating: 1, count: starts.count)
        guard starts.count == ends.count, starts.count == axes.count, starts.count == steps.count else {
            throw error("starts, ends, axes and steps of different lengths", expected: "one length")
        }
        var slices: [(axis: Int, elements: StrideTo<Int>)] = []
        for index in axes.indices {
            let (size, step) = (shape[axes[index]], steps[index])
            guard step != 0, step.magnitude <= 1 << 30 else { throw error("step \(step)", expected: "another step") }
            // Counted from the end when negative, then limited to what there is; the limits are ONNX's.
            func place(_ value: Int, _ range: ClosedRange<Int>) -> Int {
                let value = value < 0 ? value + size : value
                return max(range.lowerBound, min(range.upperBound, value))
            }
            let start = step > 0 ? place(starts[index], 0...size) : place(starts[index], min(0, size - 1)...size - 1)
            let end = step > 0 ? place(ends[index], 0...size) : place(max(ends[index], -size - 1), -1...size)
            slices.append((axes[index], stride(from: start, to: end, by: step)))
        }
        return slices
    }
}
