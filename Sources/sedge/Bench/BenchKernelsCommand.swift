import ArgumentParser
import Inference

/// `sedge bench kernels`: each function by itself.
struct BenchKernelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernels",
        abstract: "Measure every function of the int8 kernels.",
        discussion: """
            The convolutions of the two network sizes at 1, 4, 16 and 64 rows (sizes are rows × inputs of all taps × \
            outputs), a depthwise one, what stands between them, an embedding table's rows and the largest of many dot \
            products; operands lie in the caches of the core. GB/s are bytes read and written.

            EXAMPLES
              sedge bench kernels
              sedge bench kernels --kernel avx2 --repetitions 51
              sedge bench kernels --json > kernels.json
            """)

    @OptionGroup var options: BenchOptions

    struct Row: BenchRow, Equatable {
        static let header = ["kernel", "function", "size", "ns a call", "GMAC/s", "share of peak", "GB/s"]
        static let leading = 3

        var kernel: String
        var function: String
        var size: String
        /// Multiply-accumulates of a call.
        var macs: Int
        var timing: Timing

        var cells: [String] {
            [
                kernel, function, size, timing.nanoseconds.text(digits: 0), timing.gmacPerSecond.text(digits: 1),
                timing.shareOfPeak.percent, timing.gigabytesPerSecond.text(digits: 1),
            ]
        }
    }

    static let shapes: [KernelSubject.Shape] =
        [(3, 64, 64), (1, 64, 64), (3, 32, 32), (1, 32, 32), (1, 8, 64)].flatMap { taps, inputs, outputs in
            [1, 4, 16, 64].map { .convolve(rows: $0, taps: taps, inputs: inputs, outputs: outputs) }
        } + [
            .depthwise(rows: 64, taps: 3, channels: 64), .add(count: 4096), .quantize(count: 512),
            .dequantize(count: 4096), .gather(count: 64, width: 64), .dot(rows: 1000, width: 64),
            .topK(rows: 1000, width: 64, k: 10),
        ]

    func run() throws {
        let names = try options.kernel.map { [try KernelSet.named($0).name] } ?? KernelSet.available
        var report = BenchReport<Row>(bench: "kernels", repetitions: options.repetitions, threads: 1)
        var progress = BenchProgress(total: names.count * Self.shapes.count)
        for name in names {
            let peak = PeakLoop.of(name)
            var timer = PairedTimer(repetitions: options.repetitions)
            var speeds: [Double] = []
            for shape in Self.shapes {
                progress.next("\(name) \(shape.function) \(shape.text)")
                let subject = KernelSubject(kernel: name, shape: shape)
                let times = timer.run(peak: peak) { subject.run(calls: $0) }
                speeds += times.peaks
                report.rows.append(
                    Row(
                        kernel: name, function: shape.function, size: shape.text, macs: shape.macs,
                        timing: Timing(times, macs: shape.macs, bytes: shape.bytes)))
            }
            report.add(peak, speeds)
        }
        progress.finish()
        report.write(asJSON: options.json)
    }
}
