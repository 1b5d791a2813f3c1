/// Rearranging constants: what constant folding needs.
extension Tensor {
    func transposed(_ order: [Int]) -> Tensor {
        let strides = Self.strides(shape)
        let newShape = order.map { shape[$0] }
        return picking(
            Self.offsets(newShape, order.map { strides[$0] }), shape: newShape,
            stepAxis: steps?.axis.flatMap(order.firstIndex))
    }

    /// The counts must agree. Steps along an axis stay where that axis keeps its place among the larger ones.
    func reshaped(_ newShape: [Int]) -> Tensor {
        var result = self
        result.shape = newShape
        if let axis = steps?.axis {
            let before = shape[..<axis].reduce(1, *)
            let places = newShape.indices.filter {
                newShape[$0] == shape[axis] && newShape[..<$0].reduce(1, *) == before
            }
            if let place = places.first { result.steps?.axis = place } else { result.steps = nil }
        }
        return result
    }

    /// Element i of the result along `axis` is element `indices[i]`.
    func gathered(axis: Int, indices: [Int]) -> Tensor {
        var newShape = shape
        newShape[axis] = indices.count
        let inner = shape[(axis + 1)...].reduce(1, *)
        let outer = shape[..<axis].reduce(1, *)
        var places: [Int] = []
        for block in 0..<outer {
            for index in indices {
                let start = (block * shape[axis] + index) * inner
                places.append(contentsOf: start..<start + inner)
            }
        }
        return picking(places, shape: newShape, stepAxis: steps?.axis == axis ? nil : steps?.axis)
    }

    /// Row-major offsets of a shape under other strides; a stride of 0 repeats.
    static func offsets(_ shape: [Int], _ strides: [Int]) -> [Int] {
        var offsets = [0]
        for (size, stride) in zip(shape, strides) {
            offsets = offsets.flatMap { base in (0..<size).map { base + $0 * stride } }
        }
        return offsets
    }

    /// Offsets into a tensor of `shape` for every element of `target`, as ONNX broadcasts: axes align at the end, and
    /// size 1 repeats. nil where the shapes do not fit.
    static func broadcastOffsets(_ shape: [Int], to target: [Int]) -> [Int]? {
        guard shape.count <= target.count else { return nil }
        let own = strides(shape)
        let missing = target.count - shape.count
        var steps = [Int](repeating: 0, count: target.count)
        for axis in shape.indices where shape[axis] != 1 {
            guard shape[axis] == target[axis + missing] else { return nil }
            steps[axis + missing] = own[axis]
        }
        return offsets(target, steps)
    }
}
