import Evaluation
import FoundationEssentials
import SedgeCore

/// The Numenta Anomaly Benchmark: `data/<group>/<series>.csv`, `labels/combined_windows.json`; where they are there,
/// other detectors' scores per file in `reference_results/<detector>/standard_scores.csv`.
struct NABFolder {
    private static let labels = "labels/combined_windows.json"
    private let folder: DataFolder

    init(_ folder: DataFolder) { self.folder = folder }

    func series() throws -> [DetectionSeries] {
        let windows = try readWindows()
        return try folder.files(under: "data", suffix: ".csv").map { file in
            let name = String(file.dropFirst("data/".count))
            guard let spans = windows[name] else {
                throw folder.error(in: Self.labels, "found no entry for \(name), expected one for each series in data")
            }
            let recording = try folder.recording(file)
            guard recording.columns.count == 1, let times = recording.times else {
                throw folder.error(in: file, line: 1, "found other columns, expected timestamp and value")
            }
            var rows: [Timestamp: Int] = [:]
            for (row, time) in times.enumerated() where rows[time] == nil { rows[time] = row }
            return try DetectionSeries(
                name: name, times: times, columns: recording.columns,
                anomalies: try spans.map { try range($0, of: name, rows) },
                trainingRows: NABProtocol.probation(rowCount: times.count))
        }
    }

    /// First and last time of each window, by the series' name.
    private func readWindows() throws -> [String: [[String]]] {
        do {
            return try JSONDecoder().decode([String: [[String]]].self, from: Data(folder.contents(of: Self.labels)))
        } catch let error as DecodingError {
            throw folder.error(
                in: Self.labels, "found \(error.shortly), expected {\"series\": [[\"from\", \"to\"], …], …}")
        }
    }

    private func range(_ span: [String], of name: String, _ rows: [Timestamp: Int]) throws -> Range<Int> {
        guard span.count == 2 else {
            throw folder.error(in: Self.labels, "\(name): found a window of \(span.count) times, expected 2")
        }
        let bounds = try span.map { text in
            guard let time = CivilTime.parse(text) else {
                throw folder.error(in: Self.labels, "\(name): found \(RecordingError.quoted(text)), expected a time")
            }
            guard let row = rows[time] else {
                throw folder.error(in: Self.labels, "\(name): found the time \(text), which no row of the series has")
            }
            return row
        }
        guard bounds[0] <= bounds[1] else {
            throw folder.error(in: Self.labels, "\(name): found a window from \(span[0]) back to \(span[1])")
        }
        return bounds[0]..<(bounds[1] + 1)
    }

    /// The benchmark's own scores of other detectors, by series; standard profile.
    func publishedScores() throws -> [(detector: String, scores: [String: Double])] {
        guard folder.has("reference_results") else { return [] }
        return try folder.files(under: "reference_results", suffix: "standard_scores.csv").map { file in
            let columns = [ColumnMapping(column: "Score", channel: "Score")]
            let recording = try folder.recording(
                file, ColumnSelection(channels: columns, labels: ["Detector", "File"]))
            var scores: [String: Double] = [:]
            for (name, score) in zip(recording.labelColumns[1], recording.columns[0]) { scores[name] = score }
            return (recording.labelColumns[0].first ?? file, scores)
        }
    }
}

extension DecodingError {
    /// What is wrong, in one line.
    var shortly: String {
        switch self {
        case .dataCorrupted(let context): Self.text(context)
        case .keyNotFound(let key, _): "no \"\(key.stringValue)\""
        case .typeMismatch(_, let context), .valueNotFound(_, let context): Self.text(context)
        @unknown default: "\(self)"
        }
    }

    private static func text(_ context: Context) -> String {
        let path = context.codingPath.map(\.stringValue).joined(separator: ".")
        let cause = context.underlyingError.map { "\($0)" } ?? context.debugDescription
        let line = cause.split(whereSeparator: \.isNewline).joined(separator: " ")
        return path.isEmpty ? line : "\(line) (at \(path))"
    }
}
