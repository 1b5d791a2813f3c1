/// The hierarchical contrastive loss of TS2Vec (Yue et al., 2022) between two views of some stretches of time.
///
/// At each level a moment must be told from the other moments of its own stretch (temporal contrast) and from the same
/// place in the other stretches (instance contrast). Then pairs of moments become one by their maximum, until a stretch
/// is one moment. Where the paper takes plain products, rows are brought to length 1 first: embeddings whose variance
/// another task keeps up would make every softmax certain.
package struct HierarchicalContrast: Sendable {
    package var contrast: ContrastiveLoss

    package init(temperature: Float = 0.2) { contrast = ContrastiveLoss(temperature: temperature) }

    /// The mean over levels of both contrasts' mean, and its gradients.
    ///
    /// Both views are (moments, dimensions), the stretches one after the other; `lengths` are their moments.
    package func evaluate(
        _ first: Matrix, _ second: Matrix, lengths: [Int], using gemm: some MatrixMultiply
    ) -> ContrastiveLoss.Result {
        precondition(first.rows == second.rows && first.columns == second.columns, "views of different shapes")
        precondition(lengths.reduce(0, +) == first.rows && lengths.allSatisfy { $0 > 0 }, "lengths \(lengths)")
        var levels = 1
        var longest = lengths.max() ?? 1
        while longest > 1 {
            longest = (longest + 1) / 2
            levels += 1
        }
        return evaluate(first, second, lengths, scale: 1 / Float(levels), using: gemm)
    }

    /// The loss of this level and all above it, times `scale`.
    private func evaluate(
        _ first: Matrix, _ second: Matrix, _ lengths: [Int], scale: Float, using gemm: some MatrixMultiply
    ) -> ContrastiveLoss.Result {
        let units = (UnitRows(first), UnitRows(second))
        var level = Level(units.0.values, units.1.values)
        level.addTemporal(contrast, lengths, weight: scale / 2, using: gemm)
        level.addInstance(contrast, lengths, weight: scale / 2, using: gemm)
        var result = ContrastiveLoss.Result(
            loss: level.loss, first: units.0.backward(level.gradients.0), second: units.1.backward(level.gradients.1))
        guard lengths.contains(where: { $0 > 1 }) else { return result }
        let pools = (PairMaximum(first, lengths), PairMaximum(second, lengths))
        let above = evaluate(pools.0.values, pools.1.values, pools.0.lengths, scale: scale, using: gemm)
        result.loss += above.loss
        pools.0.addBackward(above.first, to: &result.first)
        pools.1.addBackward(above.second, to: &result.second)
        return result
    }

    /// Loss and gradients of one level by its rows of length 1.
    private struct Level {
        let first: Matrix
        let second: Matrix
        var gradients: (Matrix, Matrix)
        var loss = 0.0

        init(_ first: Matrix, _ second: Matrix) {
            self.first = first
            self.second = second
            let zero = Matrix(rows: first.rows, columns: first.columns)
            gradients = (zero, zero)
        }

        /// Each stretch by itself; the mean over moments.
        mutating func addTemporal(
            _ contrast: ContrastiveLoss, _ lengths: [Int], weight: Float, using gemm: some MatrixMultiply
        ) {
            var start = 0
            for length in lengths {
                defer { start += length }
                guard length > 1 else { continue }
                add(contrast, Array(start..<start + length), weight * Float(length) / Float(first.rows), gemm)
            }
        }

        /// Each place by itself, in all stretches that reach it; the mean over moments.
        mutating func addInstance(
            _ contrast: ContrastiveLoss, _ lengths: [Int], weight: Float, using gemm: some MatrixMultiply
        ) {
            var starts: [Int] = []
            var sum = 0
            for length in lengths {
                starts.append(sum)
                sum += length
            }
            for place in 0..<(lengths.max() ?? 0) {
                let rows = lengths.indices.filter { lengths[$0] > place }.map { starts[$0] + place }
                guard rows.count > 1 else { continue }
                add(contrast, rows, weight * Float(rows.count) / Float(first.rows), gemm)
            }
        }

        private mutating func add(
            _ contrast: ContrastiveLoss, _ rows: [Int], _ weight: Float, _ gemm: some MatrixMultiply
        ) {
            let part = contrast.evaluate(first.gather(rows), second.gather(rows), using: gemm)
            loss += Double(weight) * part.loss
            gradients.0.scatter(part.first, to: rows, scaledBy: weight)
            gradients.1.scatter(part.second, to: rows, scaledBy: weight)
        }
    }
}

/// Neighbouring moments of each stretch as one by their maximum; an odd last one stays alone.
private struct PairMaximum {
    let values: Matrix
    let lengths: [Int]
    /// The row that each value was taken from (rows, columns).
    private let sources: [Int32]

    init(_ x: Matrix, _ lengths: [Int]) {
        self.lengths = lengths.map { ($0 + 1) / 2 }
        let columns = x.columns
        var values: [Float] = []
        var sources: [Int32] = []
        var start = 0
        for length in lengths {
            for row in stride(from: start, to: start + length, by: 2) {
                let next = min(row + 1, start + length - 1)
                for column in 0..<columns {
                    let (a, b) = (x[row, column], x[next, column])
                    values.append(a >= b ? a : b)
                    sources.append(Int32(a >= b ? row : next))
                }
            }
            start += length
        }
        self.values = Matrix(rows: values.count / max(1, columns), columns: columns, values: values)
        self.sources = sources
    }

    func addBackward(_ dy: Matrix, to dx: inout Matrix) {
        let columns = dy.columns
        for (index, source) in sources.enumerated() { dx[Int(source), index % columns] += dy.values[index] }
    }
}
