import Evaluation
import SedgeCore

/// A recording one of whose columns says which rows are anomalous: 0 or 1, false or true.
struct LabelledRecording {
    private let recording: Recording
    private let labels: [Bool]
    private let file: String

    /// - Parameter recording: as read, with `label` among its label columns.
    init(_ recording: Recording, label: String, file: String) throws {
        guard let column = recording.labels.firstIndex(of: label) else {
            throw EvaluationError(
                place: file,
                message: "found no column \(RecordingError.quoted(label)), expected one with the labels")
        }
        self.recording = recording
        self.file = file
        labels = try recording.labelColumns[column].enumerated().map { row, text in
            switch text.lowercased() {
            case "true": return true
            case "false": return false
            default:
                guard let value = Double(text), value == 0 || value == 1 else {
                    // Rows begin behind the header.
                    throw EvaluationError(
                        place: "\(file):\(row + 2)",
                        message: "found the label \(RecordingError.quoted(text)), expected 0 or 1")
                }
                return value == 1
            }
        }
    }

    /// - Parameters:
    ///   - interval: seconds between rows where the file has no times.
    func series(name: String, trainingRows: Int, interval: Double) throws -> DetectionSeries {
        try DetectionSeries(
            name: name,
            times: recording.times ?? DetectionSeries.times(count: recording.rowCount, interval: interval),
            columns: recording.columns, anomalies: LabelRuns(labels).ranges, trainingRows: trainingRows)
    }
}
