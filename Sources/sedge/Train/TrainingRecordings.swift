import FoundationEssentials
import SedgeCore
import Training

/// The series of `--data`: every numeric column of every recording named, checked.
enum TrainingRecordings {
    static func read(_ paths: [String]) throws -> TrainingData {
        var series: [TrainingSeries] = []
        let shortest = PretrainingConfiguration().recipe.shortestRecording
        for path in try paths.flatMap(files) {
            do {
                let recording = try RecordingFile.read(path, selection: ColumnSelection())
                for (column, values) in recording.columns.enumerated() {
                    series.append(
                        try TrainingSeries(
                            values, name: "\(path), column \(recording.channels[column])", shortest: shortest))
                }
            } catch let error as RecordingError {
                throw Failure(.data, error.description)
            } catch let error as TrainingError {
                throw Failure(.data, error.description)
            }
        }
        return try TrainingData(series, shortest: shortest)
    }

    /// The path itself, or the CSV and NPY files in the folder, by name.
    private static func files(_ path: String) throws -> [String] {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw Failure(.io, "cannot read \(path): there is no such file or folder")
        }
        guard isFolder else { return [path] }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw Failure(.io, "cannot list \(path)")
        }
        let found = names.filter { $0.hasSuffix(".csv") || $0.hasSuffix(".npy") }.sorted()
        guard !found.isEmpty else { throw Failure(.data, "\(path): found no .csv or .npy file in the folder") }
        return found.map { "\(path)/\($0)" }
    }
}
