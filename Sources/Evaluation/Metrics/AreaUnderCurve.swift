/// Areas under the curves that a score draws as its threshold falls. nil where one of the classes is missing.
///
/// Both treat rows of the same score as one step, as scikit-learn does. Scores are finite.
package enum AreaUnderCurve {
    /// Area under the receiver operating characteristic: the chance that an anomalous row has the higher score.
    package static func roc(scores: [Double], labels: [Bool]) -> Double? {
        var below = 0
        var area = 0.0
        let (positives, negatives) = classes(labels)
        guard positives > 0, negatives > 0 else { return nil }
        forEachStep(scores, labels, by: <) { step in
            area += Double(step.positives) * (Double(below) + Double(step.negatives) / 2)
            below += step.negatives
        }
        return area / (Double(positives) * Double(negatives))
    }

    /// Average precision: precision at each threshold, weighted by the recall that it adds.
    package static func precisionRecall(scores: [Double], labels: [Bool]) -> Double? {
        var (found, seen) = (0, 0)
        var area = 0.0
        let (positives, negatives) = classes(labels)
        guard positives > 0, negatives > 0 else { return nil }
        forEachStep(scores, labels, by: >) { step in
            found += step.positives
            seen += step.positives + step.negatives
            area += Double(step.positives) * Double(found) / Double(seen)
        }
        return area / Double(positives)
    }

    private static func classes(_ labels: [Bool]) -> (positives: Int, negatives: Int) {
        let positives = labels.count { $0 }
        return (positives, labels.count - positives)
    }

    /// Calls `body` for each distinct score in order, with the rows of each class that have it.
    private static func forEachStep(
        _ scores: [Double], _ labels: [Bool], by precedes: (Double, Double) -> Bool,
        _ body: ((positives: Int, negatives: Int)) -> Void
    ) {
        precondition(scores.count == labels.count, "\(scores.count) scores for \(labels.count) labels")
        let order = scores.indices.sorted { precedes(scores[$0], scores[$1]) }
        var index = 0
        while index < order.count {
            let score = scores[order[index]]
            var step = (positives: 0, negatives: 0)
            while index < order.count, scores[order[index]] == score {
                if labels[order[index]] { step.positives += 1 } else { step.negatives += 1 }
                index += 1
            }
            body(step)
        }
    }
}
