import Evaluation
import SedgeCore

/// NASA's spacecraft telemetry: `train` and `test` with `<channel>_telemetry.npy`, spans in `labeled_anomalies.csv`.
/// Commands are not used.
struct SMAPFolder {
    private static let labels = "labeled_anomalies.csv"
    private static let suffix = "_telemetry.npy"
    private let folder: DataFolder

    init(_ folder: DataFolder) { self.folder = folder }

    func series() throws -> [DetectionSeries] {
        let spans = try readSpans()
        return try folder.files(under: "test", suffix: Self.suffix).map { file in
            let name = String(file.dropFirst("test/".count).dropLast(Self.suffix.count))
            guard let anomalies = spans[name] else {
                throw folder.error(in: Self.labels, "found no line for \(name), expected one for each channel in test")
            }
            let training = try folder.recording("train/\(name)\(Self.suffix)")
            return try TrainAndTest(
                name: name, training: training, test: folder.recording(file), interval: 60
            ).series(anomalies: anomalies)
        }
    }

    /// Rows of the test part, by channel; a channel may have several lines.
    private func readSpans() throws -> [String: [Range<Int>]] {
        let bytes = try folder.contents(of: Self.labels)
        var tokenizer = CSVTokenizer(bytes, separator: UInt8(ascii: ","))
        var fields: [CSVTokenizer.Field] = []
        var columns: (name: Int, spans: Int)?
        var found: [String: [Range<Int>]] = [:]
        while try next(&tokenizer, &fields) {
            let texts = fields.map(tokenizer.text)
            guard let columns else {
                guard let name = texts.firstIndex(of: "chan_id"), let spans = texts.firstIndex(of: "anomaly_sequences")
                else {
                    throw folder.error(in: Self.labels, line: 1, "expected columns chan_id and anomaly_sequences")
                }
                columns = (name, spans)
                continue
            }
            guard texts.count > max(columns.name, columns.spans) else {
                throw folder.error(
                    in: Self.labels, line: tokenizer.line, "found \(texts.count) fields, fewer than above")
            }
            guard let spans = Self.spans(texts[columns.spans]) else {
                throw folder.error(
                    in: Self.labels, line: tokenizer.line,
                    "found \(RecordingError.quoted(texts[columns.spans])), expected [[first, last], …]")
            }
            found[texts[columns.name], default: []] += spans
        }
        return found.mapValues(Self.merged)
    }

    private func next(_ tokenizer: inout CSVTokenizer, _ fields: inout [CSVTokenizer.Field]) throws -> Bool {
        do {
            return try tokenizer.next(&fields)
        } catch {
            throw folder.error(in: Self.labels, line: tokenizer.line, error.message)
        }
    }

    /// `[[2149, 2349], [4536, 4844]]`; nil for anything else.
    static func spans(_ text: String) -> [Range<Int>]? {
        let inner = text.filter { $0 != " " }
        guard inner.hasPrefix("["), inner.hasSuffix("]") else { return nil }
        let body = inner.dropFirst().dropLast()
        if body.isEmpty { return [] }
        guard body.hasPrefix("["), body.hasSuffix("]") else { return nil }
        var spans: [Range<Int>] = []
        for part in body.dropFirst().dropLast().split(separator: "],[", omittingEmptySubsequences: false) {
            let bounds = part.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
            guard bounds.count == 2, let first = bounds[0], let last = bounds[1], first >= 0, first <= last,
                last < .max
            else { return nil }
            spans.append(first..<(last + 1))
        }
        return spans
    }

    private static func merged(_ spans: [Range<Int>]) -> [Range<Int>] {
        var merged: [Range<Int>] = []
        for span in spans.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, span.lowerBound <= last.upperBound {
                merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, span.upperBound)
            } else {
                merged.append(span)
            }
        }
        return merged
    }
}
