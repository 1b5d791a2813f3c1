import Evaluation
import SedgeCore

/// SKAB: CSV files with a column `anomaly`, in any folders. Files without one are recordings of normal work: not used.
struct SKABFolder {
    private let folder: DataFolder

    init(_ folder: DataFolder) { self.folder = folder }

    func series() throws -> [DetectionSeries] {
        let files = try folder.files(suffix: ".csv")
        let series = try files.compactMap { file -> DetectionSeries? in
            let recording = try folder.recording(file)
            guard recording.labels.contains("anomaly") else { return nil }
            return try LabelledRecording(recording, label: "anomaly", file: "\(folder.path)/\(file)").series(
                name: file.hasPrefix("data/") ? String(file.dropFirst(5)) : file,
                trainingRows: SKABProtocol.trainingRows, interval: 1)
        }
        guard !series.isEmpty else {
            throw Failure(.data, "\(folder.path): found no CSV file with a column anomaly among \(files.count)")
        }
        return series
    }
}
