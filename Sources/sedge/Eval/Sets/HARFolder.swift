import Evaluation
import SedgeCore

/// Human activity: `windows/<person>_sp.npy` (phone) and `windows/<person>_sw.npy` (watch) of shape (windows, 6, samples)
/// with the classes in `…_gt.npy`; the folder `windows` may be left out. Any people, any number.
struct HARFolder {
    private let folder: DataFolder

    init(_ folder: DataFolder) { self.folder = folder }

    /// - Parameter suffix: `_sp` or `_sw`.
    /// - Returns: none where there is no such file.
    func people(suffix: String) throws -> [LabelledWindows] {
        let ending = "\(suffix).npy"
        let files = try folder.files(suffix: ".npy").filter { $0.hasSuffix(ending) }
        return try files.map { file in
            let windows = try folder.array(file)
            guard windows.shape.count == 3, windows.shape[1] == 6, windows.shape.allSatisfy({ $0 > 0 }) else {
                throw folder.error(in: file, "found shape \(windows.shape), expected (windows, 6, samples)")
            }
            let labelFile = String(file.dropLast(".npy".count)) + "_gt.npy"
            let labels = try folder.array(labelFile).values
            if let row = labels.firstIndex(where: { !(0..<Double(HARProtocol.classes.count)).contains($0) }) {
                throw folder.error(
                    in: labelFile,
                    "found the class \(labels[row]) of window \(row), expected 0 to \(HARProtocol.classes.count - 1)")
            }
            let (channels, length) = (windows.shape[1], windows.shape[2])
            let name = file.split(separator: "/").last.map { String($0.dropLast(ending.count)) } ?? file
            return try LabelledWindows(
                name: name,
                windows: (0..<windows.shape[0]).map { window in
                    (0..<channels).map { channel in
                        let start = (window * channels + channel) * length
                        return Array(windows.values[start..<start + length])
                    }
                }, labels: labels.map { Int($0) })
        }
    }
}
