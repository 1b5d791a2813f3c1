import SedgeCore

/// A table of samples that was written down once: what `sedge replay` plays.
struct Recording: Sendable, Equatable {
    /// Names of the channels, in the order of the file.
    var channels: [String]
    /// `columns[channel][row]`; NaN where the value is missing.
    var columns: [[Double]]
    /// One for each row, as they stand in the file, in whatever order; nil where the file has no times.
    var times: [Timestamp]?
    /// What is known about the rows and must not be published: names, and `labelColumns[label][row]` as in the file.
    var labels: [String] = []
    var labelColumns: [[String]] = []
    var rowCount: Int

    /// A column with one of these names, in any case, is taken for a label where nothing else is said.
    static let labelNames: Set<String> = ["anomaly", "changepoint", "label"]
}

/// Which columns of a file become what.
struct ColumnSelection: Equatable {
    /// Columns to publish and the channels they become; empty: all numeric ones that are no label, by their own name.
    var channels: [ColumnMapping] = []
    /// The column of times; nil: the first one that looks like it.
    var time: String?
    /// Label columns; nil: those of `Recording.labelNames`.
    var labels: [String]?
}

/// `Volume Flow RateRMS=flow`: a column and the channel it is published as.
struct ColumnMapping: Equatable {
    let column: String
    let channel: String
}

/// A file that is no recording: where, what was found, what was expected.
struct RecordingError: Error, CustomStringConvertible, Equatable {
    var path: String
    /// From 1, where the file has lines.
    var line: Int?
    /// A column's name or number.
    var column: String?
    var message: String

    var description: String {
        var place = path
        if let line { place += ":\(line)" }
        if let column { place += ", column \(column)" }
        return "\(place): \(message)"
    }

    /// What an error shows of a value it complains about.
    static func quoted(_ text: String) -> String {
        "\"\(text.prefix(60).map { $0.isNewline || $0 == "\0" ? " " : String($0) }.joined())\""
    }
}
