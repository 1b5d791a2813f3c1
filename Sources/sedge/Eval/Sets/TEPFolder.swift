import Evaluation
import SedgeCore

/// Tennessee Eastman process: normal training in `d00.npy`, test runs in `dNN_te.npy`; a fault enters at row 161.
struct TEPFolder {
    private static let faultRow = 160
    private let folder: DataFolder

    init(_ folder: DataFolder) { self.folder = folder }

    /// The faults, and the normal run as the last.
    func series() throws -> [DetectionSeries] {
        let training = try folder.recording("d00.npy")
        let files = try folder.files(suffix: "_te.npy")
        guard files.contains("d00_te.npy") else {
            throw Failure(.data, "\(folder.path): found no d00_te.npy, the normal run that sets the threshold")
        }
        guard files.count > 1 else { throw Failure(.data, "\(folder.path): found no dNN_te.npy with a fault") }
        return try (files.filter { $0 != "d00_te.npy" } + ["d00_te.npy"]).map { file in
            let name = String(file.dropLast("_te.npy".count))
            let test = try folder.recording(file)
            guard name == "d00" || test.rowCount > Self.faultRow else {
                throw folder.error(
                    in: file, "found \(test.rowCount) rows, expected a fault at row \(Self.faultRow + 1)")
            }
            return try TrainAndTest(name: name, training: training, test: test, interval: 180).series(
                anomalies: name == "d00" ? [] : [Self.faultRow..<test.rowCount])
        }
    }
}
