/// A model that can not be imported: where, what was found, and what is supported or expected there.
package struct ImportError: Error, CustomStringConvertible, Equatable {
    /// `node "/body/conv1"`, `tensor "w"`, `file`.
    package let place: String
    package let found: String
    package let expected: String

    package init(_ place: String, found: String, expected: String) {
        self.place = place
        self.found = found
        self.expected = expected
    }

    package var description: String { "\(place): found \(found), expected \(expected)" }

    /// A name out of a file, short enough for a line and without line breaks.
    static func quoted(_ name: String) -> String {
        "\"\(name.prefix(80).map { $0.isNewline || $0 == "\0" ? " " : String($0) }.joined())\""
    }
}
