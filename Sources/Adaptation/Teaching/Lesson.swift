package import SedgeCore

/// One thing that a person taught the agent about a stream.
package struct Lesson: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case normal, anomaly
        case label(String)
    }

    package var kind: Kind
    package var span: TimeSpan
    /// The learned state that covers it, as the learner numbers them; nil where none does.
    package var state: Int?
    package var examples: ExampleSet

    package init(kind: Kind, span: TimeSpan, state: Int?, examples: ExampleSet) {
        self.kind = kind
        self.span = span
        self.state = state
        self.examples = examples
    }
}
