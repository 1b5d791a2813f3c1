import FoundationEssentials
import SedgeCore
import Training

/// Where a training run keeps what it needs to go on: `checkpoint`; and for people: `log.jsonl`, `curve.svg`, and
/// `search.jsonl` of a search.
struct RunFolder {
    private let path: String

    private var checkpoint: String { "\(path)/checkpoint" }
    private var log: String { "\(path)/log.jsonl" }
    private var curve: String { "\(path)/curve.svg" }
    private var search: String { "\(path)/search.jsonl" }

    init(_ path: String) throws(Failure) {
        self.path = path
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw Failure(.io, "cannot create the folder \(path)")
        }
    }

    /// The log first: a log that is ahead of its checkpoint is cut when the run goes on.
    func save(checkpoint bytes: [UInt8], log lines: [String], curve text: String) throws(Failure) {
        try Self.write(lines, to: log)
        try FileBytes.write(Array(text.utf8), to: curve)
        try FileBytes.write(bytes, to: checkpoint)
    }

    func save(search lines: [String]) throws(Failure) { try Self.write(lines, to: search) }

    private static func write(_ lines: [String], to path: String) throws(Failure) {
        try FileBytes.write(Array(lines.joined(separator: "\n").utf8) + [UInt8(ascii: "\n")], to: path)
    }

    func restore(_ data: TrainingData) throws(Failure) -> PretrainingRun {
        guard FileBytes.exists(checkpoint) else {
            throw Failure(.data, "\(path): found no checkpoint to go on from")
        }
        do {
            return try PretrainingRun(
                snapshot: try FileBytes.contents(of: checkpoint, limit: 1 << 30), data: data)
        } catch let error as Failure {
            throw error
        } catch {
            throw Failure(.data, "\(checkpoint): \(error)")
        }
    }

    /// The log's lines up to a step.
    func logLines(upTo step: Int) -> [String] {
        guard let bytes = try? FileBytes.contents(of: log, limit: 1 << 30) else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).compactMap { line in
            guard let entry = try? JSONDecoder().decode(Entry.self, from: Data(line.utf8)), entry.step <= step else {
                return nil
            }
            return String(line)
        }
    }

    private struct Entry: Decodable {
        let step: Int
    }
}
