import Evaluation
import SedgeCore

/// Classification sets of the UCR and UEA archives: `<name>_TRAIN.ts` and `<name>_TEST.ts` of sktime.
struct UCRFolder {
    private let folder: DataFolder

    init(_ folder: DataFolder) { self.folder = folder }

    func sets() throws -> [SplitWindows] {
        try folder.files(suffix: "_TRAIN.ts").map { file in
            let stem = String(file.dropLast("_TRAIN.ts".count))
            let testFile = "\(stem)_TEST.ts"
            let name = stem.split(separator: "/").last.map(String.init) ?? stem
            let training = try TSFile(folder.contents(of: file), path: "\(folder.path)/\(file)")
            let test = try TSFile(folder.contents(of: testFile), path: "\(folder.path)/\(testFile)")
            guard training.classes == test.classes else {
                throw folder.error(
                    in: testFile,
                    "found the classes \(test.classes.joined(separator: ", ")), expected those of the training part: "
                        + training.classes.joined(separator: ", "))
            }
            return try SplitWindows(
                name: name,
                training: LabelledWindows(name: name, windows: training.windows, labels: training.labels),
                test: LabelledWindows(name: name, windows: test.windows, labels: test.labels))
        }
    }
}
