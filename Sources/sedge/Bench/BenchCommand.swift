import ArgumentParser
import Inference
import SedgeCore

/// `sedge bench`: how fast the parts are here, and how near to what the core can do.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure kernels, encoder, learner, pipeline and training against what this core can do.",
        discussion: """
            Every measurement runs in turn with a loop over registers of the instructions that the kernels multiply \
            with, A B A B, so that on a busy machine both are slowed alike; the table shows the median and the range.

            EXAMPLES
              sedge bench kernels
                  every function of every variant that this processor runs
              sedge bench encoder --kernel neon --threads 4
                  streaming at batches of 1 to 64 lanes and a window, of both network sizes
              sedge bench pipeline --json
                  messages from payload to insight, without a broker
              sedge bench training
                  a step of pretraining beside OpenBLAS alone
              sedge bench adaptation
                  a round of retraining: time, memory, CPU budget
            """,
        subcommands: [
            BenchKernelsCommand.self, BenchEncoderCommand.self, BenchLearnerCommand.self, BenchPipelineCommand.self,
            BenchTrainingCommand.self, BenchAdaptationCommand.self,
        ])
}

/// What all benchmarks are told.
struct BenchOptions: ParsableArguments {
    @Option(help: ArgumentHelp("One variant of the kernels instead of \(Self.fallback).", valueName: "name"))
    var kernel: String?

    @Option(help: ArgumentHelp("How often each measurement is taken.", valueName: "count"))
    var repetitions = 15

    @Flag(help: "Print JSON.")
    var json = false

    private static let fallback = "all (kernels) or the best (encoder, pipeline)"

    func validate() throws {
        guard (1...1000).contains(repetitions) else {
            throw ValidationError("--repetitions is \(repetitions), expected 1 to 1000")
        }
    }
}

/// How many threads share a batch.
struct ThreadOption: ParsableArguments {
    @Option(help: ArgumentHelp("Threads that share a batch.", valueName: "count"))
    var threads = 1

    func validate() throws {
        guard (1...64).contains(threads) else {
            throw ValidationError("--threads is \(threads), expected 1 to 64")
        }
    }
}
