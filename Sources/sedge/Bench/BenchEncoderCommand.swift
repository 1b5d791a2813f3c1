import ArgumentParser
import Inference
import SedgeCore

/// `sedge bench encoder`: the network, as the agent runs it.
struct BenchEncoderCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encoder",
        abstract: "Measure the encoder: streaming, and a whole window.",
        discussion: """
            Streaming takes one step of every lane in a batch of 1, 4, 16 and 64 lanes; the window is 512 steps of one \
            lane at once. A step is one lane's; state is what a lane keeps between two.

            EXAMPLES
              sedge bench encoder
                  tcn64 and tcn32 with random weights
              sedge bench encoder --bundle sensor-base --threads 2 --json
            """)

    @OptionGroup var options: BenchOptions
    @OptionGroup var threading: ThreadOption

    @Option(help: "A bundle instead: a shipped name or a path.")
    var bundle: String?

    struct Row: BenchRow, Equatable {
        static let header = [
            "network", "kernel", "what", "µs a call", "ns a step", "GMAC/s", "share of peak", "state a lane",
        ]
        static let leading = 3

        var network: String
        var kernel: String
        /// `stream` or `window`.
        var mode: String
        /// Lanes of a batch, or steps of the window.
        var steps: Int
        /// Multiply-accumulates of a step.
        var macs: Int
        var stateBytes: Int
        var timing: Timing

        private enum CodingKeys: String, CodingKey {
            case network, kernel, mode, steps, macs, timing
            case stateBytes = "state_bytes"
        }

        var cells: [String] {
            let what = mode == "stream" ? "\(steps) lane\(steps == 1 ? "" : "s")" : "window of \(steps)"
            return [
                network, kernel, what, timing.nanoseconds.text(digits: 1, factor: 1e-3),
                fixed(timing.nanoseconds.median / Double(steps), 0), timing.gmacPerSecond.text(digits: 1),
                timing.shareOfPeak.percent, "\(ProgressBar.grouped(stateBytes)) B",
            ]
        }
    }

    func run() throws {
        let kernels = try KernelSet.named(options.kernel)
        let networks = try bundles().map { (name: $0.name, PackedNetwork(bundle: $0, kernels: kernels)) }
        var timer = PairedTimer(repetitions: options.repetitions)
        if threading.threads > 1 { timer.now = SystemTime.monotonicNanoseconds }
        let peak = PeakLoop.of(kernels.name)
        var report = BenchReport<Row>(bench: "encoder", repetitions: options.repetitions, threads: threading.threads)
        var speeds: [Double] = []
        var progress = BenchProgress(total: networks.count * 5)
        for (name, network) in networks {
            func measure(_ mode: String, steps: Int, threads: Int, stateBytes: Int, _ body: (Int) -> Void) {
                progress.next("\(name) \(mode) \(steps)")
                let times = timer.run(peak: peak, subject: body)
                speeds += times.peaks
                let macs = network.architecture.multiplicationsPerStep
                report.rows.append(
                    Row(
                        network: name, kernel: kernels.name, mode: mode, steps: steps, macs: macs,
                        stateBytes: stateBytes, timing: Timing(times, macs: macs * steps, threads: threads)))
            }
            for lanes in [1, 4, 16, 64] {
                let load = StreamingLoad(network, lanes: lanes, threads: threading.threads)
                measure(
                    "stream", steps: lanes, threads: threading.threads, stateBytes: load.stateBytes, load.run(steps:))
            }
            let load = WindowLoad(network, steps: 512)
            measure("window", steps: 512, threads: 1, stateBytes: 0, load.run(windows:))
        }
        progress.finish()
        report.add(peak, speeds)
        report.write(asJSON: options.json)
    }

    private func bundles() throws -> [ModelBundle] {
        if let bundle { return [try BenchBundle.read(bundle)] }
        return try [("tcn64", TCNArchitecture.tcn64), ("tcn32", .tcn32)].map {
            try ModelBundle.random(architecture: $1, seed: 1, name: $0)
        }
    }
}
