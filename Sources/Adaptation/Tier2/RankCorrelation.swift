/// Spearman's rank correlation.
enum RankCorrelation {
    /// −1…1; 0 where either does not vary. Equal values share the mean of their ranks.
    static func of(_ first: [Float], _ second: [Float]) -> Double {
        precondition(first.count == second.count, "\(first.count) values beside \(second.count)")
        guard first.count > 1 else { return 0 }
        let (a, b) = (ranks(first), ranks(second))
        let mean = Double(a.count - 1) / 2
        var (ab, aa, bb) = (0.0, 0.0, 0.0)
        for index in a.indices {
            ab += (a[index] - mean) * (b[index] - mean)
            aa += (a[index] - mean) * (a[index] - mean)
            bb += (b[index] - mean) * (b[index] - mean)
        }
        return aa > 0 && bb > 0 ? ab / (aa * bb).squareRoot() : 0
    }

    private static func ranks(_ values: [Float]) -> [Double] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = [Double](repeating: 0, count: values.count)
        var first = 0
        while first < order.count {
            var last = first
            while last + 1 < order.count, values[order[last + 1]] == values[order[first]] { last += 1 }
            for place in first...last { ranks[order[place]] = Double(first + last) / 2 }
            first = last + 1
        }
        return ranks
    }
}
