import SedgeCore

/// The labels of what was replayed, as CSV with the times that were published: `ts,anomaly,changepoint`.
struct LabelFile {
    let path: String
    private var text: [UInt8]

    init(path: String, labels: [String]) {
        self.path = path
        text = Array((["ts"] + labels.map(Self.quoted)).joined(separator: ",").utf8) + [UInt8(ascii: "\n")]
    }

    /// `values`: one for each label.
    mutating func append(ts: Timestamp, values: some Sequence<String>) {
        text.append(contentsOf: ts.milliseconds.description.utf8)
        for value in values {
            text.append(UInt8(ascii: ","))
            text.append(contentsOf: Self.quoted(value).utf8)
        }
        text.append(UInt8(ascii: "\n"))
    }

    func write() throws(Failure) { try FileBytes.write(text, to: path) }

    /// RFC 4180: quotes where something in it would be taken for a separator.
    private static func quoted(_ field: String) -> String {
        guard field.utf8.contains(where: { [UInt8(ascii: ","), UInt8(ascii: "\""), 10, 13].contains($0) }) else {
            return field
        }
        return "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
