import Evaluation
import FoundationEssentials
import SedgeCore

/// A folder with the files of a public data set. Everything is found by looking, nothing by a list of names.
struct DataFolder {
    let path: String

    /// - Parameter set: the set's own folder, which `path` may be or may hold.
    init(_ path: String, set: String) throws {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder else {
            throw Failure(.io, "cannot read \(path): there is no such folder")
        }
        let inner = "\(path)/\(set)"
        let hasInner = FileManager.default.fileExists(atPath: inner, isDirectory: &isFolder) && isFolder
        self.path = hasInner ? inner : path
    }

    func has(_ name: String) -> Bool { FileBytes.exists("\(path)/\(name)") }

    /// Paths below this folder, in order; folders within it are searched too. None at all is an error.
    func files(under folder: String = "", suffix: String) throws -> [String] {
        let base = folder.isEmpty ? path : "\(path)/\(folder)"
        guard let found = try? FileManager.default.subpathsOfDirectory(atPath: base) else {
            throw Failure(.io, "cannot read \(base): there is no such folder")
        }
        let names = found.filter { $0.hasSuffix(suffix) && !$0.hasPrefix(".") }.sorted()
        guard !names.isEmpty else { throw Failure(.data, "\(base): found no file whose name ends in \(suffix)") }
        return folder.isEmpty ? names : names.map { "\(folder)/\($0)" }
    }

    func contents(of name: String) throws -> [UInt8] { try FileBytes.contents(of: "\(path)/\(name)") }

    func recording(_ name: String, _ selection: ColumnSelection = ColumnSelection()) throws -> Recording {
        try RecordingFile.read("\(path)/\(name)", selection: selection)
    }

    func array(_ name: String) throws -> (shape: [Int], values: [Double]) {
        try NPYReader(contents(of: name), path: "\(path)/\(name)").readArray()
    }

    func error(in name: String, line: Int? = nil, _ message: String) -> EvaluationError {
        EvaluationError(place: "\(path)/\(name)" + (line.map { ":\($0)" } ?? ""), message: message)
    }
}
