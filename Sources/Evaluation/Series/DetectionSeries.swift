package import SedgeCore

/// A recording with known anomalies: the input of every detector.
package struct DetectionSeries: Sendable {
    package let name: String
    /// Event times, as the recording has them.
    package let times: [Timestamp]  // (rows)
    /// NaN where nothing was measured.
    package let columns: [[Double]]  // (channels, rows)
    /// In order and apart from each other.
    package let anomalies: [Range<Int>]
    /// Rows at the beginning that detectors may be fitted on and that are not scored.
    package let trainingRows: Int

    /// - Throws: where the parts do not fit together; the text says how.
    package init(
        name: String, times: [Timestamp], columns: [[Double]], anomalies: [Range<Int>], trainingRows: Int
    ) throws(EvaluationError) {
        func refuse(_ message: String) -> EvaluationError { EvaluationError(place: name, message: message) }
        guard !columns.isEmpty, !times.isEmpty else { throw refuse("found no samples") }
        for column in columns where column.count != times.count {
            throw refuse("found columns of \(column.count) and \(times.count) rows, expected the same for all")
        }
        var last = 0
        for anomaly in anomalies {
            guard !anomaly.isEmpty, anomaly.lowerBound >= last, anomaly.upperBound <= times.count else {
                throw refuse(
                    "found an anomaly in rows \(anomaly.lowerBound) to \(anomaly.upperBound - 1), expected rows "
                        + "\(last) to \(times.count - 1): labels that belong to this series")
            }
            last = anomaly.upperBound
        }
        guard (0..<times.count).contains(trainingRows) else {
            throw refuse("found \(times.count) rows, expected more than the \(trainingRows) to train on")
        }
        guard columns.contains(where: { $0.contains(where: \.isFinite) }) else { throw refuse("found no number") }
        self.name = name
        self.times = times
        self.columns = columns
        self.anomalies = anomalies
        self.trainingRows = trainingRows
    }

    package var rowCount: Int { times.count }

    package var labels: [Bool] {
        var labels = [Bool](repeating: false, count: rowCount)
        for anomaly in anomalies { for row in anomaly { labels[row] = true } }
        return labels
    }

    /// Times of a recording that has none: `interval` seconds apart, from 2020 on.
    package static func times(count: Int, interval: Double) -> [Timestamp] {
        (0..<count).map {
            Timestamp(microseconds: 1_577_836_800_000_000 + Int64((Double($0) * interval * 1e6).rounded()))
        }
    }
}
