/// Data that can not be evaluated: where, what was found, what was expected.
package struct EvaluationError: Error, CustomStringConvertible, Equatable, Sendable {
    /// A file, with the line where there is one, or a series.
    package let place: String
    package let message: String

    package init(place: String, message: String) {
        self.place = place
        self.message = message
    }

    package var description: String { "\(place): \(message)" }
}
