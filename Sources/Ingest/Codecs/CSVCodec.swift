/// CSV lines, a row each: `1700000000,0.5,21.3`.
///
/// A path is a header's name, or a column's number from 0. With a name among the paths (or the time's) the first line
/// of every payload must be the header; with numbers alone a first line is taken for a header, and stepped over, when
/// each of its channels is text. Columns are separated by tab, `;` or `,`, whichever the first line has (in this
/// order); where it is not the comma, a comma may be the decimal sign. Fields may be quoted. Empty, `null`, `none`,
/// `na`, `n/a` and `-` are missing; other text, NaN and infinity are missing and counted. A line that has none of the
/// channels' columns is left out.
struct CSVCodec: PayloadCodec {
    /// What a column is read for: a channel, or the time.
    private struct Target {
        var column: Int
        /// Nil: the time.
        var channel: Int?
    }

    private let paths: [String]
    private let timePath: String?
    private let unit: TimeUnit
    private let hasNames: Bool
    /// By column.
    private var targets: [Target] = []
    /// The header that `targets` was made for.
    private var header: [UInt8] = []

    init(_ settings: CodecSettings) throws(CodecSettingsError) {
        let expected = "a header's name or a column's number from 0"
        for channel in settings.channels where channel.path.isEmpty {
            throw .badPath(channel: channel.name, path: "", expected: expected)
        }
        if settings.time == "" { throw .badTimePath("", expected: expected) }
        paths = settings.channels.map(\.path)
        timePath = settings.time
        unit = settings.timeUnit
        hasNames = (paths + (settings.time.map { [$0] } ?? [])).contains { Self.column($0) == nil }
        if !hasNames { setTargets { Self.column($0) } }
    }

    mutating func decode(_ payload: UnsafeRawBufferPointer, into rows: inout SampleRows) throws(PayloadError) {
        try Self.checkSize(payload)
        try rows.allOrNothing { rows throws(PayloadError) in try readLines(payload, into: &rows) }
    }

    private mutating func readLines(
        _ payload: UnsafeRawBufferPointer, into rows: inout SampleRows
    ) throws(PayloadError) {
        var scanner = CSVScanner(payload)
        guard scanner.beginLine() else { throw .empty }
        var hasHeader = false
        let firstLine = scanner.line
        if hasNames {
            try readHeader(&scanner)
            guard targets.contains(where: { $0.channel != nil }) else { throw .noChannel }
            hasHeader = true
        } else if try isHeader(scanner) {
            while try !scanner.field().isLast {}
            hasHeader = true
        }
        var hasLines = false
        var hasChannel = false
        while scanner.beginLine() {
            hasLines = true
            if try readRow(&scanner, into: &rows) { hasChannel = true }
        }
        if !hasLines && !hasNames && hasHeader {
            throw .badLine(firstLine, "none of the channels' columns is a number")
        }
        if hasLines && !hasChannel { throw .noChannel }
    }

    /// Whether the line held one of the channels, and so became a row.
    private func readRow(_ scanner: inout CSVScanner, into rows: inout SampleRows) throws(PayloadError) -> Bool {
        guard rows.room > 0 else { throw .tooManyRows(limit: SampleRows.maximumCount) }
        rows.appendRow()
        let row = rows.count - 1
        var hasChannel = false
        var column = 0
        var next = 0
        while true {
            let field = try scanner.field()
            while next < targets.count, targets[next].column == column {
                if let channel = targets[next].channel {
                    hasChannel = true
                    rows[row, channel] = value(of: field, scanner.separator, unusable: &rows.unusableValues)
                } else if !Self.isMissing(field.bytes) {
                    guard let time = TimeText.parse(field.bytes, unit: unit) else {
                        throw .badTime(excerpt(field.bytes))
                    }
                    rows.setTime(time, of: row)
                }
                next += 1
            }
            if field.isLast { break }
            column += 1
        }
        if !hasChannel { rows.truncate(to: row) }
        return hasChannel
    }

    private func value(of field: CSVField, _ separator: UInt8, unusable: inout Int) -> Double {
        var text = ByteCursor(field.bytes)
        text.trim()
        if Self.isMissing(text.rest) { return .nan }
        if case .finite(let value) = NumberText.parse(text.rest) { return value }
        if separator != UInt8(ascii: ","), let value = Self.decimalComma(text.rest) { return value }
        unusable += 1
        return .nan
    }

    /// `1,5` as 1.5.
    private static func decimalComma(_ text: UnsafeRawBufferPointer) -> Double? {
        guard text.count <= 40, let comma = text.firstIndex(of: UInt8(ascii: ",")) else { return nil }
        return withUnsafeTemporaryAllocation(byteCount: text.count, alignment: 1) { copy in
            copy.copyMemory(from: text)
            copy[comma] = UInt8(ascii: ".")
            guard case .finite(let value) = NumberText.parse(UnsafeRawBufferPointer(copy)) else { return nil }
            return value
        }
    }

    private static func isMissing(_ text: UnsafeRawBufferPointer) -> Bool {
        func equals(_ word: StaticString) -> Bool {
            guard text.count == word.utf8CodeUnitCount else { return false }
            return text.indices.allSatisfy { text[$0] | 0x20 == word.utf8Start[$0] }
        }
        switch text.count {
        case 0: return true
        case 1: return text[0] == UInt8(ascii: "-")
        case 2: return equals("na")
        case 3: return equals("n/a")
        case 4: return equals("null") || equals("none")
        default: return false
        }
    }

    /// Whether each of the channels' columns of the line holds text, which only headers do.
    private func isHeader(_ scanner: CSVScanner) throws(PayloadError) -> Bool {
        var scanner = scanner
        var found = 0
        var column = 0
        var next = 0
        while true {
            let field = try scanner.field()
            while next < targets.count, targets[next].column == column {
                if targets[next].channel != nil {
                    var unusable = 0
                    _ = value(of: field, scanner.separator, unusable: &unusable)
                    if case .notFinite = NumberText.parse(field.bytes) { unusable = 0 }
                    guard unusable == 1 else { return false }
                    found += 1
                }
                next += 1
            }
            if field.isLast { return found > 0 }
            column += 1
        }
    }

    /// Steps over the header; finds the paths' columns unless it is that of the payload before.
    private mutating func readHeader(_ scanner: inout CSVScanner) throws(PayloadError) {
        let start = scanner.rest.rest
        var line = ByteCursor(start)
        let bytes = line.take(until: 0x0A)
        if !header.isEmpty, bytes.equals(header) {
            while try !scanner.field().isLast {}
            return
        }
        var names: [[UInt8]] = []
        while true {
            let field = try scanner.field()
            names.append(field.unescaped)
            guard names.count <= 4096 else { throw scanner.error("it has more than 4096 columns") }
            if field.isLast { break }
        }
        // Spreadsheets write a byte order mark.
        if names[0].starts(with: [0xEF, 0xBB, 0xBF]) { names[0].removeFirst(3) }
        setTargets { path in names.firstIndex(of: Array(path.utf8)) ?? Self.column(path) }
        let length = start.count - scanner.rest.rest.count
        // A header with line ends in its quotes is longer than its line; it is looked up again each time.
        header = length <= bytes.count ? Array(bytes) : []
    }

    private mutating func setTargets(column: (String) -> Int?) {
        targets.removeAll(keepingCapacity: true)
        for (channel, path) in paths.enumerated() {
            if let column = column(path) { targets.append(Target(column: column, channel: channel)) }
        }
        if let timePath, let column = column(timePath) { targets.append(Target(column: column, channel: nil)) }
        targets.sort { $0.column < $1.column }
    }

    /// A path that is a column's number.
    private static func column(_ path: String) -> Int? {
        path.utf8.allSatisfy(ByteCursor.isDigit) && path.utf8.count <= 6 ? Int(path) : nil
    }
}
