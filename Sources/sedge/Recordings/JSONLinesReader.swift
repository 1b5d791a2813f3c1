import FoundationEssentials
import SedgeCore

/// Reads a recording from JSON lines: an object a row, its keys the columns; those of an object within are `outer.inner`.
///
/// A key that a row leaves out is missing there. Arrays are refused: a row is one moment.
struct JSONLinesReader {
    private let bytes: [UInt8]
    private let path: String

    init(_ bytes: [UInt8], path: String) {
        self.bytes = bytes
        self.path = path
    }

    func read(_ selection: ColumnSelection) throws(RecordingError) -> Recording {
        var names: [String] = []
        var places: [String: Int] = [:]
        var columns: [[JSONCell]] = []
        var lines: [Int] = []
        for (number, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
        where line.contains(where: { $0 > UInt8(ascii: " ") }) {
            let row = try row(line, number: number + 1)
            lines.append(number + 1)
            for (name, cell) in row.cells {
                if places[name] == nil {
                    places[name] = columns.count
                    names.append(name)
                    columns.append(Array(repeating: .missing, count: lines.count - 1))
                }
                let place = places[name]!
                guard columns[place].count < lines.count else {
                    throw RecordingError(
                        path: path, line: number + 1, column: name,
                        message: "found the name twice in a row, expected it once")
                }
                columns[place].append(cell)
            }
            for index in columns.indices where columns[index].count < lines.count { columns[index].append(.missing) }
        }
        var typed: [RecordingTable.Column] = []
        for (index, cells) in columns.enumerated() {
            typed.append(try column(cells, name: names[index], lines: lines))
        }
        return try RecordingTable(path: path, names: names, columns: typed, rowCount: lines.count)
            .recording(selection)
    }

    private func row(_ line: ArraySlice<UInt8>, number: Int) throws(RecordingError) -> JSONRow {
        do {
            return try JSONDecoder().decode(JSONRow.self, from: Data(line))
        } catch {
            throw RecordingError(
                path: path, line: number,
                message: "found \(RecordingError.quoted(String(decoding: line.prefix(60), as: UTF8.self))), "
                    + "expected an object of numbers and texts")
        }
    }

    private func column(
        _ cells: [JSONCell], name: String, lines: [Int]
    ) throws(RecordingError) -> RecordingTable.Column {
        let isText = cells.first { $0 != .missing }.map { if case .text = $0 { true } else { false } } ?? false
        var (numbers, texts): ([Double], [String]) = ([], [])
        for (row, cell) in cells.enumerated() {
            switch (cell, isText) {
            case (.missing, _):
                numbers.append(.nan)
                texts.append("")
            case (.number(let value), false): numbers.append(value)
            case (.text(let text), true): texts.append(text)
            case (.number(let value), true): texts.append(value.description)
            case (.text(let text), false):
                throw RecordingError(
                    path: path, line: lines[row], column: name,
                    message: "found \(RecordingError.quoted(text)), expected a number as in the lines before")
            }
        }
        return isText ? .texts(texts) : .numbers(numbers)
    }
}

/// What one key of a line holds.
enum JSONCell: Equatable {
    case missing
    case number(Double)
    case text(String)
}

/// One line: its cells in the order of their names, objects within it taken apart.
private struct JSONRow: Decodable {
    var cells: [(name: String, cell: JSONCell)] = []

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        for key in container.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) {
            let name = key.stringValue
            if try container.decodeNil(forKey: key) {
                cells.append((name, .missing))
            } else if let value = try? container.decode(Double.self, forKey: key) {
                cells.append((name, .number(value)))
            } else if let text = try? container.decode(String.self, forKey: key) {
                cells.append((name, .text(text)))
            } else if let value = try? container.decode(Bool.self, forKey: key) {
                cells.append((name, .number(value ? 1 : 0)))
            } else {
                let inner = try container.decode(JSONRow.self, forKey: key)
                cells += inner.cells.map { ("\(name).\($0.name)", $0.cell) }
            }
        }
    }
}
