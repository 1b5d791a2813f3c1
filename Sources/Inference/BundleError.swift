/// A bundle that can not be used: where, what was found and what was expected.
package struct BundleError: Error, CustomStringConvertible, Equatable {
    /// The part of the file that is wrong.
    package enum Place: Equatable, Sendable {
        case file
        case header
        /// A key of `__metadata__`; nested keys follow after dots: `architecture.stem.kind`.
        case field(String)
        case tensor(String)
    }

    package let place: Place
    package let found: String
    package let expected: String

    package init(_ place: Place, found: String, expected: String) {
        self.place = place
        self.found = found
        self.expected = expected
    }

    package var description: String { "bundle \(placeText): found \(found), expected \(expected)" }

    /// A name may come from a broken file and have any length.
    private var placeText: String {
        switch place {
        case .file: "file"
        case .header: "header"
        case .field(let name): "field \(name.prefix(80))"
        case .tensor(let name): "tensor \(name.prefix(80))"
        }
    }
}
