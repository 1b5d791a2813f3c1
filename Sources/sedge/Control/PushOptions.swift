import ArgumentParser
import SedgeCore

/// How a push proceeds.
struct PushOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The first stage: so many nodes, or a share of them.", valueName: "n|n%|all"))
    var canary: String?

    @Option(help: ArgumentHelp("A later stage; may be given more than once.", valueName: "n|n%|all"))
    var then: [String] = []

    @Option(help: "Give up after this many seconds without news.")
    var timeout = 180.0

    @Flag(help: "Print how it ended, node by node, as a JSON object.")
    var json = false

    func validate() throws {
        _ = try stages()
        guard timeout > 0 else { throw ValidationError("--timeout is \(timeout), expected more than 0") }
    }

    func stages() throws -> RolloutStages {
        RolloutStages(
            stages: try ([canary].compactMap(\.self) + then).map { text in
                guard let stage = RolloutStages.Stage(text) else {
                    throw ValidationError("\"\(text)\" is no stage, expected a number, a percentage or all")
                }
                return stage
            })
    }
}
