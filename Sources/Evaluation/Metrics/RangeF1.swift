/// F1 of predicted ranges against true ones (Tatbul et al., NeurIPS 2018), with the weights of `TSB-AD`.
///
/// Recall of an anomaly is 0.2 for being found at all and 0.8 for the share of it that was found, divided by the number
/// of pieces; precision is the latter with the roles exchanged.
package enum RangeF1 {
    private static let existenceWeight = 0.2

    package static func score(predictions: [Bool], labels: [Bool]) -> Double {
        precondition(predictions.count == labels.count, "\(predictions.count) predictions, \(labels.count) labels")
        let (predicted, actual) = (LabelRuns(predictions).ranges, LabelRuns(labels).ranges)
        let recall = coverage(of: actual, by: predicted, existenceWeight: existenceWeight)
        let precision = coverage(of: predicted, by: actual, existenceWeight: 0)
        return recall + precision > 0 ? 2 * recall * precision / (recall + precision) : 0
    }

    /// The highest F1 over 100 thresholds between the least and the greatest score; a threshold chosen on the labels.
    package static func best(scores: [Double], labels: [Bool]) -> Double {
        guard let least = scores.min(), let greatest = scores.max() else { return 0 }
        let spacing = (greatest - least) / 99
        return (0..<100).reduce(0) { best, index in
            let threshold = index == 99 ? greatest : least + Double(index) * spacing
            return max(best, score(predictions: scores.map { $0 > threshold }, labels: labels))
        }
    }

    /// Mean over `ranges`; both lists are in order.
    private static func coverage(
        of ranges: [Range<Int>], by others: [Range<Int>], existenceWeight: Double
    ) -> Double {
        guard !ranges.isEmpty else { return 0 }
        var sum = 0.0
        var first = 0
        for range in ranges {
            while first < others.count, others[first].upperBound <= range.lowerBound { first += 1 }
            var (pieces, rows) = (0, 0)
            for other in others[first...] {
                if other.lowerBound >= range.upperBound { break }
                pieces += 1
                rows += other.clamped(to: range).count
            }
            guard pieces > 0 else { continue }
            let overlap = Double(rows) / Double(range.count) / Double(pieces)
            sum += existenceWeight + (1 - existenceWeight) * overlap
        }
        return sum / Double(ranges.count)
    }
}
