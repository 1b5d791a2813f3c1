import SedgeCore

/// Reads a recording from comma-separated values with a header line; see `CSVTokenizer` for the format.
struct CSVReader {
    private let path: String
    private var tokenizer: CSVTokenizer

    /// What a value that is not there looks like, in lower case.
    private static let missing: Set<String> = ["", "nan", "na", "n/a", "null", "none"]
    /// Names that a column of times has, in lower case.
    static let timeNames: Set<String> = [
        "datetime", "timestamp", "time", "date", "ts", "date_time", "unix", "epoch",
    ]

    init(_ bytes: [UInt8], path: String) {
        self.path = path
        tokenizer = CSVTokenizer(bytes, separator: CSVTokenizer.separator(of: bytes))
    }

    consuming func read(_ selection: ColumnSelection) throws(RecordingError) -> Recording {
        // A text holds no NUL; without this, an archive or an image would be read as one strange name.
        guard !tokenizer.bytes.prefix(4096).contains(0) else {
            throw error("the file is binary, expected CSV with a header line or NPY")
        }
        let header = try readHeader()
        var rows: [[CSVTokenizer.Field]] = []
        // The first rows show which column is what; they are read again below.
        let start = tokenizer
        var fields: [CSVTokenizer.Field] = []
        while rows.count < 100, try next(&fields, expecting: header.count) { rows.append(fields) }
        guard !rows.isEmpty else { throw error("the file has a header and no rows", line: 1) }
        let plan = try plan(header: header, rows: rows, selection: selection)
        tokenizer = start
        return try readRows(plan, header: header)
    }

    private mutating func readHeader() throws(RecordingError) -> [String] {
        var fields: [CSVTokenizer.Field] = []
        guard try next(&fields, expecting: nil) else { throw error("the file is empty, expected a header line") }
        let names = fields.map { trimmed(tokenizer.text($0)) }
        guard !names.allSatisfy({ Double($0) != nil }) else {
            throw error("found only numbers in the first line, expected a header with the columns' names", line: 1)
        }
        for (index, name) in names.enumerated() where names[..<index].contains(name) {
            throw error("column \(index + 1) has the name \(RecordingError.quoted(name)) again", line: 1)
        }
        return names
    }

    /// Which column becomes what; indices into the header.
    private struct Plan {
        var time: Int?
        var channels: [(column: Int, name: String)] = []
        var labels: [Int] = []
    }

    private func plan(
        header: [String], rows: [[CSVTokenizer.Field]], selection: ColumnSelection
    ) throws(RecordingError) -> Plan {
        var plan = Plan()
        if let name = selection.time {
            plan.time = try index(of: name, in: header)
        } else {
            plan.time = timeColumn(header: header, rows: rows)
        }
        if let names = selection.labels {
            for name in names { plan.labels.append(try index(of: name, in: header)) }
        } else {
            plan.labels = header.indices.filter { Recording.labelNames.contains(header[$0].lowercased()) }
        }
        if selection.channels.isEmpty {
            for index in header.indices where index != plan.time && !plan.labels.contains(index) {
                if isNumeric(index, rows) { plan.channels.append((index, header[index])) }
            }
        } else {
            for mapping in selection.channels {
                plan.channels.append((try index(of: mapping.column, in: header), mapping.channel))
            }
        }
        guard !plan.channels.isEmpty else {
            throw error("found no numeric column to publish among \(header.joined(separator: ", "))", line: 1)
        }
        return plan
    }

    /// A column named like a time whose first value is one, or else the first column of dates.
    private func timeColumn(header: [String], rows: [[CSVTokenizer.Field]]) -> Int? {
        let first = header.indices.map { firstValue($0, rows) ?? "" }
        return header.indices.first {
            Self.timeNames.contains(header[$0].lowercased()) && CivilTime.parse(first[$0]) != nil
        } ?? header.indices.first { CivilTime.parseDate(first[$0]) != nil }
    }

    /// A column that has shown nothing yet counts as numeric: it may be a sensor that was off.
    private func isNumeric(_ column: Int, _ rows: [[CSVTokenizer.Field]]) -> Bool {
        firstValue(column, rows).map { Double($0) != nil } ?? true
    }

    private func firstValue(_ column: Int, _ rows: [[CSVTokenizer.Field]]) -> String? {
        for row in rows {
            let text = trimmed(tokenizer.text(row[column]))
            if !Self.missing.contains(text.lowercased()) { return text }
        }
        return nil
    }

    private mutating func readRows(_ plan: Plan, header: [String]) throws(RecordingError) -> Recording {
        var columns = [[Double]](repeating: [], count: plan.channels.count)
        var labels = [[String]](repeating: [], count: plan.labels.count)
        var times: [Timestamp] = []
        var fields: [CSVTokenizer.Field] = []
        var count = 0
        while try next(&fields, expecting: header.count) {
            count += 1
            if let column = plan.time {
                let text = trimmed(tokenizer.text(fields[column]))
                guard let time = CivilTime.parse(text) else {
                    throw error(
                        "found \(RecordingError.quoted(text)), expected a time (YYYY-MM-DD HH:MM:SS, ISO 8601 or unix)",
                        line: tokenizer.line, column: header[column])
                }
                times.append(time)
            }
            for (index, channel) in plan.channels.enumerated() {
                columns[index].append(try number(fields[channel.column], column: header[channel.column]))
            }
            for (index, column) in plan.labels.enumerated() {
                labels[index].append(trimmed(tokenizer.text(fields[column])))
            }
        }
        return Recording(
            channels: plan.channels.map(\.name), columns: columns, times: plan.time == nil ? nil : times,
            labels: plan.labels.map { header[$0] }, labelColumns: labels, rowCount: count)
    }

    private func number(_ field: CSVTokenizer.Field, column: String) throws(RecordingError) -> Double {
        let text = trimmed(tokenizer.text(field))
        if let value = Double(text) { return value }
        guard Self.missing.contains(text.lowercased()) else {
            throw error(
                "found \(RecordingError.quoted(text)), expected a number", line: tokenizer.line, column: column)
        }
        return .nan
    }

    private func index(of name: String, in header: [String]) throws(RecordingError) -> Int {
        if let index = header.firstIndex(of: name) { return index }
        throw error("found no column \(RecordingError.quoted(name)), there are \(header.joined(separator: ", "))")
    }

    private mutating func next(
        _ fields: inout [CSVTokenizer.Field], expecting count: Int?
    ) throws(RecordingError) -> Bool {
        do {
            guard try tokenizer.next(&fields) else { return false }
        } catch {
            throw self.error(error.message, line: tokenizer.line)
        }
        if let count, fields.count != count {
            throw error("found \(fields.count) fields, expected \(count) as in the header", line: tokenizer.line)
        }
        return true
    }

    private func error(_ message: String, line: Int? = nil, column: String? = nil) -> RecordingError {
        RecordingError(path: path, line: line, column: column, message: message)
    }

    private func trimmed(_ text: String) -> String {
        guard let first = text.utf8.first, let last = text.utf8.last, first == 32 || last == 32 else { return text }
        return String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
