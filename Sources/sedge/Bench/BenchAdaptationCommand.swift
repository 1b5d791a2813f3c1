import Agent
import ArgumentParser
import Inference
import SedgeCore

/// `sedge bench adaptation`: what tier 2 costs, on replay of a generated stream.
struct BenchAdaptationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adaptation",
        abstract: "Measure a round of tier 2: time, memory, and whether its CPU budget is kept.",
        discussion: """
            Fills a replay store with segments of a generated stream, as many as a stream may keep, and trains the \
            encoder's last block on them as the agent does: on a thread of its own, within the budget. The last line \
            is `tier2_mb=… tier2_budget=…`: the most memory it took, and CPU time used over CPU time allowed.
            """)

    @Option(help: ArgumentHelp("The encoder: a shipped bundle's name or a path.", valueName: "bundle"))
    var bundle = "sensor-base"

    @Option(help: ArgumentHelp("adaptation.cpu_budget_percent.", valueName: "percent"))
    var budget = 10

    @Option(help: ArgumentHelp("How long to train within the budget.", valueName: "seconds"))
    var seconds = 20.0

    func validate() throws {
        if !(1...100).contains(budget) { throw ValidationError("--budget is \(budget), expected 1 to 100") }
        if !(1...3600).contains(seconds) { throw ValidationError("--seconds is \(seconds), expected 1 to 3600") }
    }

    func run() throws {
        let kernels = try KernelSet.named(nil)
        let model = try BenchBundle.read(bundle)
        guard model.architecture.inputChannels == 1 else {
            let found = model.architecture.inputChannels
            throw Failure(.data, "\(bundle): found \(found) input channels, expected 1, as tier 2 retrains them")
        }
        let round = AdaptationMeasurement.round(bundle: model, kernels: kernels)
        let share = AdaptationMeasurement.budget(bundle: model, kernels: kernels, percent: budget, seconds: seconds)
        func digits(_ value: Double, _ factor: Double = 100) -> String { "\((value * factor).rounded() / factor)" }
        Terminal.writeOutput(
            """
            encoder      \(model.fingerprint), kernels \(kernels.name)
            replay       \(round.segments) segments
            round        \(round.slices) slices, \(digits(round.cpuSeconds)) s of CPU, longest slice \
            \(digits(round.longestSlice * 1000)) ms
            outcome      \(round.outcome)
            budget       \(digits(share.used * 100)) % of a core used, \(budget) % allowed, over \
            \(digits(share.seconds)) s
            tier2_mb=\(digits(round.megabytes)) tier2_budget=\(digits(share.used * 100 / Double(budget)))

            """)
    }
}
