import Adaptation
import ArgumentParser
import Inference
import SedgeCore

/// `sedge bench learner`: what is learned per stream, without encoder and preprocessing.
struct BenchLearnerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "learner",
        abstract: "Measure what a step costs the learners of a stream.",
        discussion: """
            Made-up embeddings and samples of streams of 1, 3 and 8 channels go through a learner that is calibrated, \
            which judges and learns every step. Embeddings have the size of the shipped encoder's.

            EXAMPLES
              sedge bench learner
              sedge bench learner --repetitions 31 --json
            """)

    @OptionGroup var options: BenchOptions

    @Option(help: ArgumentHelp("Make so many steps and print nothing: to count instructions.", valueName: "count"))
    var steps: Int?

    struct Row: BenchRow, Equatable {
        static let header = ["channels", "hop", "µs a step", "µs a channel"]
        static let leading = 0

        var channels: Int
        var hop: Int
        var microseconds: Spread

        private enum CodingKeys: String, CodingKey {
            case channels, hop
            case microseconds = "us_per_step"
        }

        var cells: [String] {
            [
                "\(channels)", "\(hop)", microseconds.text(digits: 2),
                fixed(microseconds.median / Double(channels), 2),
            ]
        }
    }

    func run() throws {
        // Learners use no kernels; an unknown name is refused all the same.
        _ = try KernelSet.named(options.kernel)
        if let steps {
            var load = LearnerLoad(channels: 1, hop: 1)
            load.run(steps: LearnerLoad.warmUp + max(0, steps))
            return
        }
        var timer = PairedTimer(repetitions: options.repetitions)
        var report = BenchReport<Row>(bench: "learner", repetitions: options.repetitions, threads: 1)
        let shapes = [(1, 1), (1, 8), (3, 8), (8, 8)]
        var progress = BenchProgress(total: shapes.count)
        for (channels, hop) in shapes {
            progress.next("\(channels) channels")
            var load = LearnerLoad(channels: channels, hop: hop)
            load.run(steps: LearnerLoad.warmUp)
            let times = timer.run(peak: nil) { load.run(steps: $0) }
            report.rows.append(
                Row(channels: channels, hop: hop, microseconds: Spread(times.calls.map { $0 / 1000 })))
        }
        progress.finish()
        report.write(asJSON: options.json)
    }
}
