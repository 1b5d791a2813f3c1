import Evaluation
import SedgeCore

/// The time-series segmentation benchmark: `desc.txt` with a line `name,window,change,change…` a series, and `<name>.txt`
/// with a value a line.
struct TSSBFolder {
    private static let description = "desc.txt"
    private let folder: DataFolder

    init(_ folder: DataFolder) { self.folder = folder }

    /// The series that are there, and the rows at which their segments begin.
    func series() throws -> [(series: DetectionSeries, changes: [Int])] {
        let lines = String(decoding: try folder.contents(of: Self.description), as: UTF8.self)
            .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        var found: [(series: DetectionSeries, changes: [Int])] = []
        for (index, line) in lines.enumerated() where !line.isEmpty {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            // Not every series of the benchmark's list has to be here.
            guard let name = fields.first, folder.has("\(name).txt") else { continue }
            let values = try values(of: "\(name).txt")
            let changes = fields.dropFirst(2).map { Int($0) }
            guard fields.count > 1, changes.allSatisfy({ $0.map { (1..<values.count).contains($0) } ?? false }) else {
                throw folder.error(
                    in: Self.description, line: index + 1,
                    "found \(RecordingError.quoted(String(line))), expected name, window and changes in rows 1 to "
                        + "\(values.count - 1)")
            }
            found.append(
                (
                    try DetectionSeries(
                        name: name, times: DetectionSeries.times(count: values.count, interval: 1), columns: [values],
                        anomalies: [], trainingRows: 0), changes.compactMap { $0 }.sorted()
                ))
        }
        guard !found.isEmpty else {
            throw Failure(.data, "\(folder.path): found no <name>.txt of a series that \(Self.description) names")
        }
        return found
    }

    private func values(of file: String) throws -> [Double] {
        let lines = String(decoding: try folder.contents(of: file), as: UTF8.self).split(whereSeparator: \.isNewline)
        guard !lines.isEmpty else { throw folder.error(in: file, "found no values, expected one a line") }
        return try lines.enumerated().map { index, line in
            let text = line.filter { !$0.isWhitespace }
            guard let value = Double(text) else {
                throw folder.error(in: file, line: index + 1, "found \(RecordingError.quoted(text)), expected a number")
            }
            return value
        }
    }
}
