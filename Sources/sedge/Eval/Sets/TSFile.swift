import Evaluation

/// A file of labelled windows in sktime's `.ts` format: header lines that begin with `@`, then a window a line, its
/// channels between colons, its class behind the last.
struct TSFile {
    /// Names of the classes, in the header's order.
    let classes: [String]
    let windows: [[[Double]]]  // (windows, channels, samples); NaN for `?`
    let labels: [Int]

    /// - Throws: what is not such a file, with the line.
    init(_ bytes: [UInt8], path: String) throws(EvaluationError) {
        var classes: [String]?
        var isData = false
        var windows: [[[Double]]] = []
        var labels: [Int] = []
        let lines = String(decoding: bytes, as: UTF8.self).split(
            omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            func refuse(_ message: String) -> EvaluationError {
                EvaluationError(place: "\(path):\(index + 1)", message: message)
            }
            let line = Self.trimmed(line)
            if line.isEmpty || line.hasPrefix("#") { continue }
            if !isData {
                let words = line.split(separator: " ").map(String.init)
                switch words[0].lowercased() {
                case "@classlabel":
                    guard words.count > 2, words[1].lowercased() == "true" else {
                        throw refuse("found no classes, expected @classLabel true and their names")
                    }
                    classes = Array(words[2...])
                case "@timestamps":
                    guard words.count == 2, words[1].lowercased() == "false" else {
                        throw refuse("found time stamps, expected windows of evenly spaced samples")
                    }
                case "@data": isData = true
                case let word where word.hasPrefix("@"): break
                default: throw refuse("found \(RecordingError.quoted(String(line))), expected a header line with @")
                }
                continue
            }
            guard let classes else { throw refuse("found data before @classLabel") }
            let parts = line.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count > 1, let label = classes.firstIndex(of: Self.trimmed(parts[parts.count - 1])) else {
                throw refuse(
                    "found the class \(RecordingError.quoted(String(parts[parts.count - 1]))), expected one of "
                        + classes.joined(separator: ", "))
            }
            var window: [[Double]] = []
            for part in parts.dropLast() {
                var samples: [Double] = []
                for text in part.split(separator: ",", omittingEmptySubsequences: false) {
                    let text = Self.trimmed(text)
                    guard let value = text == "?" ? Double.nan : Double(text) else {
                        throw refuse("found \(RecordingError.quoted(text)), expected a number")
                    }
                    samples.append(value)
                }
                window.append(samples)
            }
            windows.append(window)
            labels.append(label)
        }
        guard let classes, !windows.isEmpty else {
            throw EvaluationError(
                place: path, message: "found no windows, expected @classLabel, @data and a window a line")
        }
        self.classes = classes
        self.windows = windows
        self.labels = labels
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
