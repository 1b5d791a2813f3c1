import Evaluation
import SedgeCore

/// Application servers: `<name>_train.npy`, `<name>_test.npy`, `<name>_test_label.npy`.
struct ASDFolder {
    private let folder: DataFolder

    init(_ folder: DataFolder) { self.folder = folder }

    func series() throws -> [DetectionSeries] {
        try folder.files(suffix: "_test.npy").map { file in
            let name = String(file.dropLast("_test.npy".count))
            let labelFile = "\(name)_test_label.npy"
            let labels = try folder.array(labelFile).values
            let test = try folder.recording(file)
            guard labels.count == test.rowCount else {
                throw folder.error(in: labelFile, "found \(labels.count) labels for \(test.rowCount) rows")
            }
            if let row = labels.firstIndex(where: { $0 != 0 && $0 != 1 }) {
                throw folder.error(in: labelFile, "found the label \(labels[row]) in row \(row), expected 0 or 1")
            }
            return try TrainAndTest(
                name: name, training: folder.recording("\(name)_train.npy"), test: test, interval: 300
            ).series(anomalies: LabelRuns(labels.map { $0 == 1 }).ranges)
        }
    }
}
