/// Volumes under the ROC and precision-recall surfaces (VUS-ROC, VUS-PR; Paparrizos et al., VLDB 2022).
///
/// The third axis is a tolerance: for each window of 0…L rows, labels are extended to both sides by half of it with
/// falling weight, and recall is scaled by the share of anomalies of which anything was found. The volume is the mean
/// area over all windows. Equal to `RangeAUC_volume_opt` of the authors' packages `vus` and `TSB-AD` up to the order of
/// additions, but counted by the threshold at which a row is first predicted: O(rows · log thresholds + L · (extended
/// rows + thresholds)) and not O(L · thresholds · rows).
package struct VolumeUnderSurface: Sendable, Equatable {
    package let roc: Double
    package let precisionRecall: Double

    /// nil where no row, or every row, is an anomaly. Scores are finite.
    ///
    /// - Parameters:
    ///   - window: L, in rows.
    ///   - thresholds: scores, evenly spaced by rank, at which the curves are taken.
    package init?(scores: [Double], labels: [Bool], window: Int = 100, thresholds: Int = 250) {
        precondition(scores.count == labels.count, "\(scores.count) scores for \(labels.count) labels")
        precondition(window >= 0 && thresholds > 1, "window \(window), \(thresholds) thresholds")
        let anomalies = LabelRuns(labels).ranges
        guard !anomalies.isEmpty, labels.contains(false) else { return nil }
        var surface = Surface(scores, labels, anomalies, thresholds)
        var (roc, precisionRecall) = (0.0, 0.0)
        for width in 0...window {
            let area = surface.areas(window: width)
            roc += area.roc
            precisionRecall += area.precisionRecall
        }
        self.roc = roc / Double(window + 1)
        self.precisionRecall = precisionRecall / Double(window + 1)
    }
}

/// What all windows have in common.
private struct Surface {
    private let labels: [Bool]
    private let anomalies: [Range<Int>]
    private let count: Int
    /// The first threshold, counted from the highest, at which a row is predicted.
    private let entry: [Int]  // (rows)
    private let positives: Double
    /// Rows predicted at each threshold, and those of them that are labelled.
    private let predicted: [Double]  // (thresholds)
    private let hits: [Double]  // (thresholds)
    /// Weights that a window gives to unlabelled rows; zeros between calls.
    private var weights: [Double]  // (rows)

    init(_ scores: [Double], _ labels: [Bool], _ anomalies: [Range<Int>], _ count: Int) {
        self.labels = labels
        self.anomalies = anomalies
        self.count = count
        let falling = scores.sorted(by: >)
        let spacing = Double(scores.count - 1) / Double(count - 1)
        let levels = (0..<count).map { index in
            falling[index == count - 1 ? scores.count - 1 : Int(Double(index) * spacing)]
        }
        entry = scores.map { score in
            var (low, high) = (0, count - 1)
            while low < high {
                let middle = (low + high) / 2
                if score >= levels[middle] { high = middle } else { low = middle + 1 }
            }
            return low
        }
        var predicted = [Double](repeating: 0, count: count)
        var hits = predicted
        for (row, threshold) in entry.enumerated() {
            predicted[threshold] += 1
            if labels[row] { hits[threshold] += 1 }
        }
        Self.accumulate(&predicted)
        Self.accumulate(&hits)
        self.predicted = predicted
        self.hits = hits
        positives = hits[count - 1]
        weights = Array(repeating: 0, count: scores.count)
    }

    mutating func areas(window: Int) -> (roc: Double, precisionRecall: Double) {
        let near = weightsFound(window)
        let (found, groups) = groupsFound(window / 2)
        var (roc, precisionRecall) = (0.0, 0.0)
        var last = (recall: 0.0, falseAlarms: 0.0)
        for threshold in 0..<count {
            let truth = hits[threshold] + near[threshold]
            let wanted = (positives + positives + near[threshold]) / 2
            let recall = min(truth / wanted, 1) * found[threshold] / groups
            let falseAlarms = (predicted[threshold] - truth) / (Double(entry.count) - wanted)
            roc += (falseAlarms - last.falseAlarms) * (recall + last.recall) / 2
            precisionRecall += (recall - last.recall) * truth / predicted[threshold]
            last = (recall, falseAlarms)
        }
        roc += (1 - last.falseAlarms) * (1 + last.recall) / 2
        return (roc, precisionRecall)
    }

    /// The weight of extended rows that are predicted at each threshold.
    private mutating func weightsFound(_ window: Int) -> [Double] {
        var found = [Double](repeating: 0, count: count)
        let half = window / 2
        var touched: [Int] = []
        for anomaly in anomalies {
            let before = max(anomaly.lowerBound - half, 0)..<anomaly.lowerBound
            let end = min(anomaly.upperBound + half, labels.count)
            for row in before where !labels[row] {
                touched.append(row)
                weights[row] += (1 - Double(anomaly.lowerBound - row) / Double(window)).squareRoot()
            }
            for row in anomaly.upperBound..<end where !labels[row] {
                touched.append(row)
                weights[row] += (1 - Double(row - anomaly.upperBound + 1) / Double(window)).squareRoot()
            }
        }
        for row in touched {
            found[entry[row]] += min(1, weights[row])
            weights[row] = 0
        }
        Self.accumulate(&found)
        return found
    }

    /// Anomalies of which anything is predicted at each threshold, and all; those whose extensions meet are one.
    private func groupsFound(_ half: Int) -> (found: [Double], all: Double) {
        var found = [Double](repeating: 0, count: count)
        var all = 0.0
        var index = 0
        while index < anomalies.count {
            let start = max(anomalies[index].lowerBound - half, 0)
            while index + 1 < anomalies.count,
                anomalies[index].upperBound - 1 + half >= anomalies[index + 1].lowerBound - half
            {
                index += 1
            }
            let end = min(anomalies[index].upperBound + half, entry.count)
            found[entry[start..<end].min()!] += 1
            all += 1
            index += 1
        }
        Self.accumulate(&found)
        return (found, all)
    }

    private static func accumulate(_ values: inout [Double]) {
        for index in values.indices.dropFirst() { values[index] += values[index - 1] }
    }
}
