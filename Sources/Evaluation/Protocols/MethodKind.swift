/// Names of the agent's rows, and what kind of row a name is.
package enum MethodKind {
    package static let randomWeights = "random weights, same detector"

    package static let frozen = "sedge, adaptation off"

    package static func of(_ name: String) -> ResultTable.Kind {
        if name == randomWeights || name == RandomDetector().name || name.hasPrefix("an alarm every") {
            return .control
        }
        return name.hasPrefix("sedge") ? .agent : .baseline
    }
}
