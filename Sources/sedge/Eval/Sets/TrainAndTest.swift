import Evaluation
import SedgeCore

/// A series whose training and test parts are files of their own: one stream, the test behind the training.
struct TrainAndTest {
    let name: String
    let training: Recording
    let test: Recording
    /// Seconds between rows.
    let interval: Double

    /// - Parameter anomalies: rows of the test part.
    func series(anomalies: [Range<Int>]) throws -> DetectionSeries {
        guard training.columns.count == test.columns.count else {
            throw EvaluationError(
                place: name,
                message: "found \(training.columns.count) columns to train on and \(test.columns.count) to test on")
        }
        let first = training.rowCount
        if let last = anomalies.last, last.upperBound > test.rowCount {
            throw EvaluationError(
                place: name,
                message: "found a label for row \(last.upperBound - 1) of a test part of \(test.rowCount) rows")
        }
        return try DetectionSeries(
            name: name, times: DetectionSeries.times(count: first + test.rowCount, interval: interval),
            columns: zip(training.columns, test.columns).map { $0 + $1 },
            anomalies: anomalies.map { ($0.lowerBound + first)..<($0.upperBound + first) }, trainingRows: first)
    }
}
