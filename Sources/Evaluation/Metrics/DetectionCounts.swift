/// Rows by what was predicted and what was true; counts of several series add up (SKAB's protocol pools them).
package struct DetectionCounts: Sendable, Equatable {
    package var truePositives = 0
    package var falsePositives = 0
    package var trueNegatives = 0
    package var falseNegatives = 0

    package init() {}

    package init(predictions: some Sequence<Bool>, labels: some Sequence<Bool>) {
        for (prediction, label) in zip(predictions, labels) {
            switch (prediction, label) {
            case (true, true): truePositives += 1
            case (true, false): falsePositives += 1
            case (false, false): trueNegatives += 1
            case (false, true): falseNegatives += 1
            }
        }
    }

    package static func += (left: inout Self, right: Self) {
        left.truePositives += right.truePositives
        left.falsePositives += right.falsePositives
        left.trueNegatives += right.trueNegatives
        left.falseNegatives += right.falseNegatives
    }

    /// 0 where nothing was predicted and nothing was there.
    package var f1: Double { Self.share(2 * truePositives, of: 2 * truePositives + falsePositives + falseNegatives) }
    /// Share of normal rows that were predicted to be anomalies.
    package var falseAlarmRate: Double { Self.share(falsePositives, of: falsePositives + trueNegatives) }
    /// Share of anomalous rows that were not found.
    package var missedAlarmRate: Double { Self.share(falseNegatives, of: truePositives + falseNegatives) }

    private static func share(_ part: Int, of whole: Int) -> Double { whole > 0 ? Double(part) / Double(whole) : 0 }
}
