/// Training data or a checkpoint that can not be used: what was found, what was expected, where.
package struct TrainingError: Error, CustomStringConvertible, Equatable {
    package let description: String

    package init(_ description: String) { self.description = description }
}
