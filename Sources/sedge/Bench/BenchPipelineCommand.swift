import Agent
import ArgumentParser
import Inference
import SedgeCore

/// `sedge bench pipeline`: from payload to insight.
struct BenchPipelineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pipeline",
        abstract: "Measure the agent's pipeline in process, as a whole and by stage.",
        discussion: """
            JSON messages of \(PipelineLoad.streams) simulated pumps with three channels each, a step every 8 samples, \
            in slices of \(PipelineLoad.slice): through the agent's own code at once, and the same through its stages \
            one after the other. Broker, store and the queue between threads are left out.

            EXAMPLES
              sedge bench pipeline
              sedge bench pipeline --bundle plant.safetensors --threads 2 --json
            """)

    @OptionGroup var options: BenchOptions
    @OptionGroup var threading: ThreadOption

    @Option(help: "The encoder's bundle: a shipped name or a path.")
    var bundle = "sensor-base"

    struct Row: BenchRow, Equatable {
        static let header = ["stage", "µs a message", "share"]
        static let leading = 1

        /// A stage, `all` for the agent's own code, or `rest` for what that has to do besides: finding the stream,
        /// states, counters.
        var stage: String
        var microseconds: Spread
        /// Of the time of `all`, medians.
        var share: Double

        private enum CodingKeys: String, CodingKey {
            case stage, share
            case microseconds = "us_per_message"
        }

        var cells: [String] { [stage, microseconds.text(digits: 2), fixed(share * 100, 0) + " %"] }
    }

    func run() throws {
        let kernels = try KernelSet.named(options.kernel)
        let now = threading.threads > 1 ? SystemTime.monotonicNanoseconds : Processor.threadNanoseconds
        var load = try PipelineLoad(
            bundle: try BenchBundle.read(bundle), kernels: kernels, threads: threading.threads, now: now)
        // Learners do all they do only when they are calibrated, after about 3000 samples of each stream.
        let warmUp = 120
        var progress = BenchProgress(total: warmUp + options.repetitions)
        for _ in 0..<warmUp {
            progress.next("warming up")
            load.load()
            load.process()
            _ = try load.times(now: now)
        }
        var times: [String: [Double]] = [:]
        for _ in 0..<options.repetitions {
            progress.next("slices of messages")
            load.load()
            let began = now()
            load.process()
            let all = perMessage(now() - began)
            let stages = try load.times(now: now).mapValues(perMessage)
            for (stage, time) in stages { times[stage.rawValue, default: []].append(time) }
            times["rest", default: []].append(all - stages.values.reduce(0, +))
            times["all", default: []].append(all)
        }
        progress.finish()
        var report = BenchReport<Row>(bench: "pipeline", repetitions: options.repetitions, threads: threading.threads)
        let all = Spread(times["all"]!)
        for name in PipelineStages.Stage.allCases.map(\.rawValue) + ["rest", "all"] {
            let time = Spread(times[name]!)
            report.rows.append(Row(stage: name, microseconds: time, share: time.median / all.median))
        }
        report.write(asJSON: options.json)
        if !options.json {
            let rate = Int((1e6 / all.median).rounded())
            Terminal.writeOutput("\n\(ProgressBar.grouped(rate)) messages a second, kernels: \(kernels.name)\n")
        }
    }

    /// Microseconds.
    private func perMessage(_ nanoseconds: Int64) -> Double {
        Double(nanoseconds) / 1000 / Double(PipelineLoad.slice)
    }
}
