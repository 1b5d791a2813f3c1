import ArgumentParser
import Learning
import SedgeCore
import Training

/// `sedge bench training`: a step of pretraining beside OpenBLAS alone.
struct BenchTrainingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "training",
        abstract: "Measure a training step beside the matrix products in it.",
        discussion: """
            A step makes its batch, goes forward and backward, and updates the weights, as sedge train does. In turn \
            with it, A B A B, OpenBLAS multiplies the matrices of one step and does nothing else. The share is the \
            step's multiply-adds a second in those of OpenBLAS alone: what batches, activations, normalisation, losses \
            and the optimiser leave of it. With one thread, times are the thread's own, without what others took.

            EXAMPLES
              sedge bench training
              sedge bench training --repetitions 31 --json
            """)

    @Option(help: ArgumentHelp("How often each measurement is taken.", valueName: "count"))
    var repetitions = 11

    @Option(help: "Threads for matrix products.")
    var threads = 1

    @Flag(help: "Print JSON.")
    var json = false

    struct Row: BenchRow, Equatable {
        static let header = ["network", "products", "ms a step", "ms a batch", "GMAC/s", "share of sgemm"]
        static let leading = 1

        var network: String
        /// Encoder steps in a batch.
        var rows: Int
        /// Multiply-accumulates of a step.
        var macs: Int
        var timing: Timing
        /// Nanoseconds of making the batch, within the step.
        var batch: Spread

        private enum CodingKeys: String, CodingKey {
            case network, rows, macs, timing
            case batch = "batch_ns"
        }

        var cells: [String] {
            [
                network, "\(fixed(Double(macs) * 1e-9, 2)) GMAC", timing.nanoseconds.text(digits: 1, factor: 1e-6),
                batch.text(digits: 1, factor: 1e-6), timing.gmacPerSecond.text(digits: 1), timing.shareOfPeak.percent,
            ]
        }
    }

    func validate() throws {
        guard (1...1000).contains(repetitions) else {
            throw ValidationError("--repetitions is \(repetitions), expected 1 to 1000")
        }
        guard (1...256).contains(threads) else { throw ValidationError("--threads is \(threads), expected 1 to 256") }
    }

    func run() throws {
        TrainingMemory.keepFreed()
        let now = threads == 1 ? Processor.threadNanoseconds : SystemTime.monotonicNanoseconds
        var report = BenchReport<Row>(bench: "training", repetitions: repetitions, threads: threads)
        var speeds: [Double] = []
        var progress = BenchProgress(total: NetworkSize.allCases.count)
        for size in NetworkSize.allCases {
            progress.next("\(size.rawValue)")
            var configuration = PretrainingConfiguration()
            configuration.shape = size.shape
            var load = TrainingLoad(configuration, threads: threads)
            var result: [Float] = []
            var times = PairedTimer.Times()
            var batches: [Double] = []
            func time(_ body: () -> Void) -> Double {
                let start = now()
                body()
                return Double(max(1, now() - start))
            }
            // The first of each warms up.
            for repetition in 0...repetitions {
                let products = time { load.multiply(into: &result) }
                let batch = time { load.batch() }
                let step = time { load.step() }
                guard repetition > 0 else { continue }
                times.peaks.append(load.macs / products)
                times.calls.append(step)
                batches.append(batch)
            }
            speeds += times.peaks
            report.rows.append(
                Row(
                    network: size.rawValue, rows: configuration.rows, macs: Int(load.macs),
                    timing: Timing(times, macs: Int(load.macs)), batch: Spread(batches)))
        }
        progress.finish()
        report.peaks = [.init(kernel: "sgemm", instructions: "OpenBLAS alone", gmacPerSecond: Spread(speeds))]
        report.write(asJSON: json)
    }
}
