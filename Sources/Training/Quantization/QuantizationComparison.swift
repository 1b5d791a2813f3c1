/// int8 against float: the embeddings, what each tensor loses, and a task.
package struct QuantizationComparison: Sendable, Equatable {
    /// Norm of the difference over norm of the float embeddings (mean taken away), all rows together.
    package var relativeError: Double
    /// Cosine between float and int8 embedding, mean over rows.
    package var cosine: Double
    package var analysis: QuantizationAnalysis
    package var probe: ProbeComparison
}

/// How a linear reader that learned from float embeddings does on float and on int8 ones of the same series.
package struct ProbeComparison: Sendable, Equatable {
    package let float: Double
    package let int8: Double
    /// Half the width of the loss's 95 % confidence interval, paired by series.
    package let margin: Double

    /// - Parameters: which series were told right, in the same order.
    package init(float: [Bool], int8: [Bool]) {
        precondition(float.count == int8.count && float.count > 1)
        let count = Double(float.count)
        let right = Double(float.count { $0 })
        self.float = right / count
        self.int8 = Double(int8.count { $0 }) / count
        let mean = self.float - self.int8
        let changed = Double(zip(float, int8).count { $0 != $1 }) / count
        let deviation = ((changed - mean * mean) / (count - 1)).squareRoot()
        margin = right > 0 ? 1.96 * deviation * count / right : 0
    }

    /// Share of the float accuracy that int8 loses; negative where it gains.
    package var loss: Double { float > 0 ? 1 - int8 / float : 0 }
}
