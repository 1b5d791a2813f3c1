/// A configuration that can not be used: where, what was found, what was expected.
package struct ConfigurationError: Error, CustomStringConvertible, Equatable, Sendable {
    /// Dotted path of the key, `stream[0].rate_hz`; empty for the whole document.
    package var path: String
    package var found: String
    package var expected: String
    /// Where in the file, counted from 1; nil when it came over the wire.
    package var line: Int?
    package var column: Int?

    package init(path: String, found: String, expected: String) {
        self.path = path
        self.found = found
        self.expected = expected
    }

    package var description: String {
        let place = line.map { line in "line \(line)" + (column.map { ", column \($0)" } ?? "") + ": " } ?? ""
        return place + (path.isEmpty ? "" : "\(path): ") + "found \(found), expected \(expected)"
    }
}
