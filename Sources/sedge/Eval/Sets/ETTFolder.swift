import Evaluation
import SedgeCore

/// Transformer temperatures: CSV files with a column `OT`, evenly sampled.
struct ETTFolder {
    private let folder: DataFolder

    init(_ folder: DataFolder) { self.folder = folder }

    func series() throws -> [ForecastSeries] {
        try folder.files(suffix: ".csv").map { file in
            let recording = try folder.recording(
                file, ColumnSelection(channels: [ColumnMapping(column: "OT", channel: "OT")]))
            let name = file.split(separator: "/").last.map { String($0.dropLast(".csv".count)) } ?? file
            let interval =
                recording.times.flatMap { $0.count > 1 ? $0[1].microseconds - $0[0].microseconds : nil }
                ?? 3_600_000_000
            guard interval > 0, 86_400_000_000 % interval == 0 else {
                throw folder.error(in: file, line: 2, "found rows that do not divide a day evenly")
            }
            return try ForecastSeries(
                name: name, values: recording.columns[0], rowsADay: Int(86_400_000_000 / interval))
        }
    }
}
