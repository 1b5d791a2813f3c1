import SedgeCore

/// A table whose cells know their type, on its way to a `Recording`: from JSON lines or SQLite.
struct RecordingTable {
    let path: String
    let names: [String]
    let columns: [Column]
    let rowCount: Int

    enum Column: Equatable {
        /// NaN where nothing is.
        case numbers([Double])
        /// Empty where nothing is.
        case texts([String])
    }

    /// Which column is what follows the same rules as in CSV.
    func recording(_ selection: ColumnSelection) throws(RecordingError) -> Recording {
        guard rowCount > 0 else { throw error("found no rows") }
        let time = try selection.time.map { name throws(RecordingError) in try index(of: name) } ?? timeColumn
        var labels: [Int] = []
        if let wanted = selection.labels {
            for name in wanted { labels.append(try index(of: name)) }
        } else {
            labels = names.indices.filter { Recording.labelNames.contains(names[$0].lowercased()) }
        }
        var recording = Recording(channels: [], columns: [], times: nil, rowCount: rowCount)
        if selection.channels.isEmpty {
            for index in names.indices where index != time && !labels.contains(index) {
                guard case .numbers(let values) = columns[index] else { continue }
                recording.channels.append(names[index])
                recording.columns.append(values)
            }
        } else {
            for mapping in selection.channels {
                recording.channels.append(mapping.channel)
                recording.columns.append(try numbers(index(of: mapping.column)))
            }
        }
        guard !recording.channels.isEmpty else {
            throw error("found no numeric column among \(names.joined(separator: ", "))")
        }
        if let time { recording.times = try times(time) }
        recording.labels = labels.map { names[$0] }
        recording.labelColumns = labels.map(texts)
        return recording
    }

    private var timeColumn: Int? {
        names.indices.first { index in
            guard CSVReader.timeNames.contains(names[index].lowercased()) else { return false }
            return switch columns[index] {
            case .numbers(let values): values.first { !$0.isNaN }.flatMap(CivilTime.unix) != nil
            case .texts(let texts): texts.first { !$0.isEmpty }.flatMap(CivilTime.parse) != nil
            }
        }
    }

    private func times(_ column: Int) throws(RecordingError) -> [Timestamp] {
        var times: [Timestamp] = []
        for row in 0..<rowCount {
            let (time, found) =
                switch columns[column] {
                case .numbers(let values): (CivilTime.unix(values[row]), "\(values[row])")
                case .texts(let texts): (CivilTime.parse(texts[row]), texts[row])
                }
            guard let time else {
                throw error(
                    "found \(RecordingError.quoted(found)), expected a time (ISO 8601 or unix)", row: row,
                    column: names[column])
            }
            times.append(time)
        }
        return times
    }

    private func numbers(_ column: Int) throws(RecordingError) -> [Double] {
        switch columns[column] {
        case .numbers(let values): return values
        case .texts(let texts):
            let row = texts.firstIndex { Double($0) == nil } ?? 0
            throw error(
                "found \(RecordingError.quoted(texts[row])), expected a number", row: row, column: names[column])
        }
    }

    private func texts(_ column: Int) -> [String] {
        switch columns[column] {
        case .texts(let texts): texts
        case .numbers(let values):
            values.map { value in
                value.isNaN ? "" : Int(exactly: value).map(String.init) ?? value.description
            }
        }
    }

    private func index(of name: String) throws(RecordingError) -> Int {
        if let index = names.firstIndex(of: name) { return index }
        throw error("found no column \(RecordingError.quoted(name)), there are \(names.joined(separator: ", "))")
    }

    private func error(_ message: String, row: Int? = nil, column: String? = nil) -> RecordingError {
        RecordingError(path: path, line: row.map { $0 + 1 }, column: column, message: message)
    }
}
